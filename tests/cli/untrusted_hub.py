"""A hub with a certificate that nobody trusts: prints its port, answers two connections with 404, ends."""
import pathlib, socket, ssl

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(pathlib.Path(__file__).with_name("untrusted.pem"))
listening = socket.create_server(("127.0.0.1", 0))
listening.settimeout(60)
print(listening.getsockname()[1], flush=True)
for _ in range(2):
    connection, _ = listening.accept()
    try:
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(65536)
            secure.sendall(b"HTTP/1.1 404 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    except (ssl.SSLError, OSError):
        pass  # the client went away, as it should
