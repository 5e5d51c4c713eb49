# Prints a JSON Web Token for the user `root`: signed with the secret $1, valid for $2 seconds.
set -eu
encode() {
    openssl base64 -A | tr '+/' '-_' | tr -d '='
}
head=$(printf '{"alg":"HS256","typ":"JWT"}' | encode)
claims=$(printf '{"username":"root","exp":%s}' "$(($(date +%s) + $2))" | encode)
signature=$(printf '%s' "$head.$claims" | openssl dgst -sha256 -hmac "$1" -binary | encode)
printf '%s\n' "$head.$claims.$signature"
