"""ClientHello and ServerHello: stub"""


class ClientHello:
    pass


class ServerHello:
    pass
