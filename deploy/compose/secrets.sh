#!/bin/sh
# Writes the secrets that deploy/compose.yaml names, where they are missing; overwrites none.
# Containers run as users of their own and read the files, so the folder is what keeps others out.
set -eu
folder=$(dirname "$0")/secrets
mkdir -p "$folder"
chmod 700 "$folder"
for name in better_auth_secret jwt_secret postgres_password redis_password; do
  [ -e "$folder/$name" ] && continue
  # Hexadecimal, because two of them become part of a URL.
  head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$folder/$name"
  chmod 444 "$folder/$name"
done
