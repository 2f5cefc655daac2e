import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.*;
import javax.net.ssl.*;

/**
 * Java's JSSE at either end, a line of output for everything that it notices.
 *
 *   java Jsse.java client FROM PORT SERVER PORT VERSION [P12]     commands on standard input
 *   java Jsse.java server ADDRESS PORT VERSION P12 [want]         lines of its clients
 *
 * The client sends each line of its input, but for `renegotiate`, `anew` (the same in full, without resuming) and
 * `close`. The server gives every line back; after `renegotiate` it asks for a renegotiation, after `authenticate` for
 * one with a certificate.
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
        SSLSocket socket = (SSLSocket) context(argv.length > 6 ? argv[6] : null).getSocketFactory().createSocket();
        socket.setTcpNoDelay(true);
        socket.bind(new InetSocketAddress(argv[1], Integer.parseInt(argv[2])));
        socket.connect(new InetSocketAddress(argv[3], Integer.parseInt(argv[4])));
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
                    socket.startHandshake();
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
        InetAddress address = InetAddress.getByName(argv[1]);
        SSLServerSocket listener = (SSLServerSocket) factory.createServerSocket(Integer.parseInt(argv[2]), 64, address);
        listener.setEnabledProtocols(new String[] {argv[3]});
        listener.setWantClientAuth(List.of(argv).contains("want"));
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

    static SSLContext context(String p12) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = p12 == null ? null : Files.newInputStream(Path.of(p12))) {
            store.load(file, PASSWORD);
        }
        keys.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), new TrustManager[] {new Anybody()}, null);
        return context;
    }

    static class Anybody implements X509TrustManager {
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
