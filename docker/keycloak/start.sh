#!/bin/bash
# Keycloak takes these from the environment alone; here they come as files, named by <NAME>_FILE, so that no
# container's description shows them (R8).
set -euo pipefail
for name in KC_DB_PASSWORD KC_BOOTSTRAP_ADMIN_PASSWORD KC_BOOTSTRAP_ADMIN_CLIENT_SECRET; do
  file="${name}_FILE"
  if [ -n "${!file:-}" ]; then
    export "$name=$(<"${!file}")"
    unset "$file"
  fi
done
exec /opt/keycloak/bin/kc.sh "$@"
