#!/usr/bin/env bash
# A cluster on this machine, to try: PostgreSQL, NATS, three nodes with demo people, and nginx in front of them. Ctrl-C
# ends all of it and deletes its folder.
#   DAEHWA_BIN       another program than target/release/daehwa
#   CLUSTER_PORT     nginx's port (3000); the nodes have the three after it, NATS the fourth
#   DAEHWA_POSTGRES  the folder of PostgreSQL's programs
set -euo pipefail
cd "$(dirname "$0")/.."
program=${DAEHWA_BIN:-$PWD/target/release/daehwa}
front=${CLUSTER_PORT:-3000}
nodes=("$((front + 1))" "$((front + 2))" "$((front + 3))")
nats_port=$((front + 4))
password=daehwa-demo

say() { printf '%s\n' "$@"; }
fail() { printf 'run-cluster: %s\n' "$*" >&2; exit 1; }
export PATH=$PATH:/usr/sbin

[ -x "$program" ] || fail "$program is missing: run \`make build\`"
folder=$(mktemp -d "${TMPDIR:-/tmp}/daehwa-cluster-XXXXXX")
chmod 711 "$folder"
started=() # process ids, in the order of their start

end() {
  local status=$? nth
  trap - EXIT INT TERM
  for ((nth = ${#started[@]} - 1; nth >= 0; nth--)); do
    # PostgreSQL's fast shutdown, nginx's and NATS's quick one. The second signal ends the drain of a node.
    kill -INT "${started[nth]}" 2>/dev/null && sleep 0.1 && kill -INT "${started[nth]}" 2>/dev/null || true
    wait "${started[nth]}" 2>/dev/null || true
  done
  rm -rf "$folder"
  say "The cluster has ended, and its data is deleted."
  exit "$status"
}
trap end EXIT
trap 'exit 0' INT TERM

run() { # name of the log, command
  local log=$folder/$1.log
  shift
  "$@" >"$log" 2>&1 &
  started+=($!)
}

until_ready() { # what, its log, a command that succeeds when it is ready
  local what=$1 log=$folder/$2.log process=${started[-1]}
  shift 2
  for _ in $(seq 300); do
    if "$@" >/dev/null 2>&1; then return; fi
    if ! kill -0 "$process" 2>/dev/null; then break; fi
    sleep 0.1
  done
  cat "$log" >&2
  fail "$what did not start"
}

is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
answers() { curl --silent --fail --max-time 2 "http://127.0.0.1:$1/healthz"; }
listens() { ! is_free "$1"; }

# PostgreSQL refuses to run as root. In a subshell, which becomes the program: a signal to it reaches the program.
as_user() {
  if [ "$(id -u)" = 0 ]; then exec setpriv --reuid postgres --regid postgres --clear-groups "$@"; fi
  exec "$@"
}

postgres() {
  local programs=${DAEHWA_POSTGRES:-} data=$folder/postgres/data
  [ -n "$programs" ] || programs=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n1)
  [ -x "$programs/postgres" ] || fail "PostgreSQL is missing: \`make setup\` installs it, or DAEHWA_POSTGRES names its bin folder"
  mkdir "$folder/postgres"
  if [ "$(id -u)" = 0 ]; then chown postgres "$folder/postgres"; fi
  (cd / && as_user "$programs/initdb" -U daehwa -A trust -E UTF8 --locale=C.UTF-8 -D "$data") >"$folder/initdb.log" 2>&1 \
    || { cat "$folder/initdb.log" >&2; fail "PostgreSQL's initdb failed"; }
  # No address: the nodes use its Unix socket.
  run postgres as_user "$programs/postgres" -D "$data" -k "$folder/postgres" -c listen_addresses= -c max_connections=200
  until_ready PostgreSQL postgres "$programs/pg_isready" -q -h "$folder/postgres"
  "$programs/createdb" -h "$folder/postgres" -U daehwa daehwa
  export DAEHWA_DATABASE="postgres://daehwa@${folder//\//%2F}%2Fpostgres/daehwa"
}

# Without it, the nodes read each other's changes from the database, a little later.
nats() {
  bus=()
  if ! "$program" --help | grep -q -- '--bus'; then
    bus_words="none: this program has no --bus"
  elif ! command -v nats-server >/dev/null; then
    bus_words="none: nats-server is not installed"
  else
    run nats nats-server -a 127.0.0.1 -p "$nats_port"
    until_ready NATS nats listens "$nats_port"
    bus=(--bus "nats://127.0.0.1:$nats_port")
    bus_words="nats://127.0.0.1:$nats_port"
  fi
}

demo_people() {
  cat >"$folder/people.csv" <<PEOPLE
login,name,department,title,password
minsu,김민수,기획조정실/정보화기획과,주무관,$password
younghee,이영희,기획조정실/정보화기획과,팀장,$password
cheolsu,박철수,민원봉사국/민원여권과,주무관,$password
jiwoo,최지우,기획조정실/예산담당관,주무관,$password
minsu2,김민수,감사담당관,사무관,$password
PEOPLE
  "$program" --data "$folder/data" user import "$folder/people.csv" >"$folder/import.log" 2>&1 \
    || { cat "$folder/import.log" >&2; fail "the demo people could not be imported"; }
}

# All nodes have one directory, as they would have one network disk: the bytes of files are there.
node() { # port
  run "node-$1" "$program" --data "$folder/data" --addr "127.0.0.1:$1" "${public[@]}" "${bus[@]}"
  until_ready "the node on port $1" "node-$1" answers "$1"
}

nginx_in_front() {
  cat >"$folder/nginx.conf" <<NGINX
daemon off;
pid $folder/nginx.pid;
error_log stderr;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path $folder/nginx-body;
  proxy_temp_path $folder/nginx-proxy;
  fastcgi_temp_path $folder/nginx-fastcgi;
  uwsgi_temp_path $folder/nginx-uwsgi;
  scgi_temp_path $folder/nginx-scgi;
  map \$http_upgrade \$connection_upgrade { '' ''; default upgrade; }
  upstream daehwa {
    least_conn;
$(printf '    server 127.0.0.1:%s max_fails=1 fail_timeout=5s;\n' "${nodes[@]}")
    keepalive 16;
  }
  server {
    listen 127.0.0.1:$front;
    location / {
      proxy_pass http://daehwa;
      proxy_http_version 1.1;
      proxy_set_header Upgrade \$http_upgrade;
      proxy_set_header Connection \$connection_upgrade;
      proxy_set_header Host \$http_host;
      proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
      proxy_connect_timeout 2s;
      proxy_next_upstream error timeout http_503;
      proxy_read_timeout 300s;
      client_max_body_size 0;
      proxy_request_buffering off;
    }
  }
}
NGINX
  run nginx nginx -p "$folder" -e stderr -c "$folder/nginx.conf"
  until_ready nginx nginx listens "$front"
}

welcome() {
  say "" \
    "Daehwa runs on three nodes: $address" "Sign in as one of these people, with the password \"$password\":"
  say "  minsu     김민수" "  younghee  이영희" "  cheolsu   박철수" "  jiwoo     최지우" "  minsu2    김민수"
  say "" "bus         $bus_words" "PostgreSQL  psql -h $folder/postgres -U daehwa daehwa"
  local nth
  for nth in "${!nodes[@]}"; do
    say "node        http://127.0.0.1:${nodes[nth]}  kill -TERM ${node_processes[nth]} drains it, kill -9 loses it"
  done
  say "logs        $folder/*.log" "" "Ctrl-C ends all of it and deletes everything."
}

for port in "$front" "${nodes[@]}" "$nats_port"; do
  is_free "$port" || fail "another program uses port $port; CLUSTER_PORT names another range"
done
public=()
address="http://127.0.0.1:${nodes[0]}, http://127.0.0.1:${nodes[1]}, http://127.0.0.1:${nodes[2]}"
if command -v nginx >/dev/null; then
  address="http://127.0.0.1:$front"
  public=(--public-url "$address")
fi
postgres
nats
demo_people
node_processes=()
for port in "${nodes[@]}"; do
  node "$port"
  node_processes+=("${started[-1]}")
done
if [ ${#public[@]} -gt 0 ]; then nginx_in_front; fi
welcome
# Goes on while nodes are killed; ends with PostgreSQL.
wait "${started[0]}" || true
fail "PostgreSQL has ended"
