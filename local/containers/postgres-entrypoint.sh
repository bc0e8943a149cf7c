#!/bin/sh
# Makes the cluster and the databases once, then serves.
set -eu

bin=$(echo /usr/lib/postgresql/*/bin)
data=${PGDATA:-/var/lib/postgresql/data}

if [ ! -s "$data/PG_VERSION" ]; then
    password_file=$(mktemp)
    printf '%s\n' "$POSTGRES_PASSWORD" >"$password_file"
    "$bin/initdb" --pgdata="$data" --username="$POSTGRES_USER" --pwfile="$password_file" \
        --auth-host=scram-sha-256 --auth-local=trust --encoding=UTF8 --locale=C.UTF-8
    rm -f "$password_file"
    echo "host all all all scram-sha-256" >>"$data/pg_hba.conf"
    "$bin/pg_ctl" --pgdata="$data" --wait --options="-c listen_addresses='' -k /tmp" start
    "$bin/createdb" --host=/tmp --username="$POSTGRES_USER" "$POSTGRES_DB"
    for script in /docker-entrypoint-initdb.d/*.sql; do
        [ -e "$script" ] && "$bin/psql" --host=/tmp --username="$POSTGRES_USER" --dbname=postgres --file="$script"
    done
    "$bin/pg_ctl" --pgdata="$data" --wait stop
fi
exec "$bin/postgres" -D "$data" -c listen_addresses='*' -k /tmp
