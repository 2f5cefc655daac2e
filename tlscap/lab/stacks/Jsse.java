import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.*;
import java.security.cert.X509Certificate;
import java.util.*;
import javax.net.ssl.*;

/**
 * Java's JSSE at either end, a line of output for everything that it notices.
 *
 *   java Jsse.java client FROM PORT SERVER PORT VERSION [P12]     commands on standard input
 *   java Jsse.java server ADDRESS PORT VERSION P12 [want|need]    lines of its clients
 *
 * The client sends each line of its input, but for `renegotiate`, `anew` (the same in full, without resuming), `only
 * CIPHER` (for what it offers next) and `close`. The server gives every line back; after `renegotiate` it asks for a
 * renegotiation, after `authenticate` for one with a certificate; `only CIPHER` is what it takes from then on. A line of
 * its own input is the P12 of a certificate that it has from then on.
 */
public class Jsse {
    static final char[] PASSWORD = "lab".toCharArray();

    public static void main(String[] argv) throws Exception {
        if (argv[0].equals("client")) {
            client(argv);
        } else {
            server(argv);
        }
    }

    static void client(String[] argv) throws Exception {
        SSLSocketFactory factory = context(argv.length > 6 ? argv[6] : null).getSocketFactory();
        Gated tcp = new Gated();
        tcp.setTcpNoDelay(true);
        tcp.bind(new InetSocketAddress(argv[1], Integer.parseInt(argv[2])));
        tcp.connect(new InetSocketAddress(argv[3], Integer.parseInt(argv[4])));
        SSLSocket socket = (SSLSocket) factory.createSocket(tcp, argv[3], Integer.parseInt(argv[4]), true);
        socket.setEnabledProtocols(new String[] {argv[5]});
        listen(socket, "");
        Thread reader = new Thread(() -> read(socket));
        try {
            socket.startHandshake();
            reader.start();
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
            for (String line; (line = input.readLine()) != null && !line.equals("close"); ) {
                if (line.equals("renegotiate") || line.equals("anew")) {
                    if (line.equals("anew")) {
                        socket.getSession().invalidate();
                    }
                    say("", "asks");
                    synchronized (tcp) {
                        socket.startHandshake();
                    }
                } else if (line.startsWith("only ")) {
                    socket.setEnabledCipherSuites(new String[] {line.substring(5)});
                } else {
                    socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
                }
            }
            say("", "closes");
            socket.close();
        } catch (IOException error) {
            say("", "error " + error.getMessage());
        }
        reader.join(3000);
        System.exit(0);
    }

    /**
     * Hands over what has come only while nobody holds its lock: JSSE is ready for the answer to its own request for a
     * renegotiation a moment after it has sent it, and another thread that reads the answer before that ends it all.
     */
    static class Gated extends Socket {
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                public int read(byte[] bytes, int at, int length) throws IOException {
                    int count = super.read(bytes, at, length);
                    synchronized (Gated.this) {
                        return count;
                    }
                }
            };
        }
    }

    static void read(SSLSocket socket) {
        try {
            BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream()));
            for (String line; (line = lines.readLine()) != null; ) {
                say("", "line " + line);
            }
            say("", "end");
        } catch (IOException error) {
            say("", "error " + error.getMessage());
        }
    }

    static void server(String[] argv) throws Exception {
        SSLServerSocketFactory factory = context(argv[4]).getServerSocketFactory();
        new Thread(() -> rotate()).start();
        InetAddress address = InetAddress.getByName(argv[1]);
        SSLServerSocket listener = (SSLServerSocket) factory.createServerSocket(Integer.parseInt(argv[2]), 64, address);
        listener.setEnabledProtocols(new String[] {argv[3]});
        listener.setWantClientAuth(List.of(argv).contains("want"));
        if (List.of(argv).contains("need")) {
            listener.setNeedClientAuth(true);
        }
        while (true) {
            SSLSocket socket = (SSLSocket) listener.accept();
            new Thread(() -> serve(socket)).start();
        }
    }

    static void serve(SSLSocket socket) {
        String who = socket.getInetAddress().getHostAddress() + " " + socket.getPort() + " ";
        try (socket) {
            socket.setTcpNoDelay(true);
            listen(socket, who);
            socket.startHandshake();
            BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream()));
            for (String line; (line = lines.readLine()) != null; ) {
                socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
                if (line.startsWith("only ")) {
                    socket.setEnabledCipherSuites(new String[] {line.substring(5)});
                }
                if (line.equals("authenticate")) {
                    socket.setWantClientAuth(true);
                    socket.getSession().invalidate();
                }
                if (line.equals("renegotiate") || line.equals("authenticate")) {
                    say(who, "asks");
                    socket.startHandshake();
                }
            }
            say(who, "end");
        } catch (IOException error) {
            say(who, "error " + error.getMessage());
        }
    }

    static void listen(SSLSocket socket, String who) {
        socket.addHandshakeCompletedListener(event -> {
            SSLSession session = event.getSession();
            String peer = "none";
            try {
                peer = session.getPeerPrincipal().getName().replace(" ", "");
            } catch (SSLPeerUnverifiedException nobody) {
                // It did not tell who it is.
            }
            say(who, "handshake " + session.getProtocol() + " " + session.getCipherSuite() + " " + peer);
        });
    }

    static synchronized void say(String who, String what) {
        System.out.println(who + what);
        System.out.flush();
    }

    static void rotate() {
        try {
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
            for (String p12; (p12 = input.readLine()) != null; ) {
                keys.current = keys(p12);
                say("", "certificate " + p12);
            }
        } catch (Exception error) {
            say("", "error " + error.getMessage());
        }
    }

    static final Rotating keys = new Rotating();

    static SSLContext context(String p12) throws Exception {
        keys.current = keys(p12);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {keys}, new TrustManager[] {new Anybody()}, null);
        return context;
    }

    static X509ExtendedKeyManager keys(String p12) throws Exception {
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = p12 == null ? null : Files.newInputStream(Path.of(p12))) {
            store.load(file, PASSWORD);
        }
        factory.init(store, PASSWORD);
        return (X509ExtendedKeyManager) factory.getKeyManagers()[0];
    }

    /** Asks whoever has the keys now. */
    static class Rotating extends X509ExtendedKeyManager {
        volatile X509ExtendedKeyManager current;

        public String[] getClientAliases(String type, Principal[] issuers) {
            return current.getClientAliases(type, issuers);
        }

        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return current.chooseClientAlias(types, issuers, socket);
        }

        public String[] getServerAliases(String type, Principal[] issuers) {
            return current.getServerAliases(type, issuers);
        }

        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return current.chooseServerAlias(type, issuers, socket);
        }

        public X509Certificate[] getCertificateChain(String alias) {
            return current.getCertificateChain(alias);
        }

        public PrivateKey getPrivateKey(String alias) {
            return current.getPrivateKey(alias);
        }
    }

    static class Anybody implements X509TrustManager {
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
