# Makes an authority and its certificates for a server and a client in the current folder.
set -eu
new() {
    openssl req -x509 -config /dev/null -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "$@" 2>openssl.log ||
        { cat openssl.log >&2; exit 1; }
}
new -subj /CN=authority -keyout ca.key -out ca.pem \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
for side in server client; do
    new -subj "/CN=$side" -keyout $side.key -out $side.pem -CA ca.pem -CAkey ca.key \
        -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=IP:127.0.0.1
done
