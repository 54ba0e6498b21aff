{{/* What every pod of ours is: nobody's root, with nothing that it could write to and no token of the cluster's. */}}
{{- define "nx.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "nx.container" -}}
image: {{ include "nx.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* Files are 0440, the group's by fsGroup: the service refuses keys that others may read or the group may write. */}}
{{- define "nx.secretFile" -}}
secret:
  secretName: {{ .name }}
  defaultMode: 0440
  items: [{key: {{ .key }}, path: {{ .path }}}]
{{- end }}

{{/* URLs of PostgreSQL and Redis, files since they hold passwords: `key` is the database's, `directKey` and `redis` where there are. */}}
{{- define "nx.urlFiles" -}}
projected:
  defaultMode: 0440
  sources:
    - secret:
        name: {{ .root.Values.secrets.database.name }}
        items:
          - {key: {{ .key }}, path: database}
          {{- with .directKey }}
          - {key: {{ . }}, path: database-direct}
          {{- end }}
    {{- with .redis }}
    - secret:
        name: {{ .name }}
        items: [{key: {{ .key }}, path: redis}]
    {{- end }}
{{- end }}

{{/* What server and worker are both told. */}}
{{- define "nx.commonEnv" -}}
- {name: DATABASE_POOL_SIZE, value: {{ .Values.databasePoolSize | quote }}}
- {name: REDIS_URL_FILE, value: /run/nx/urls/redis}
- {name: REDIS_CLUSTER, value: {{ ternary "1" "0" .Values.redisCluster | quote }}}
- {name: IDENTITY_METRICS_PORT, value: {{ .Values.server.metricsPort | quote }}}
- {name: IDENTITY_JWT_ISSUER, value: {{ required "publicUrl is needed: the origin that tokens name" .Values.publicUrl | quote }}}
- {name: IDENTITY_JWT_AUDIENCE, value: {{ .Values.audience | quote }}}
- {name: IDENTITY_KEYS_DIR, value: /run/nx/keys}
- {name: IDENTITY_KEYCLOAK_URL, value: {{ required "keycloak.url is needed" .Values.keycloak.url | quote }}}
- {name: IDENTITY_KEYCLOAK_PUBLIC_URL, value: {{ .Values.keycloak.publicUrl | quote }}}
- {name: IDENTITY_KEYCLOAK_REALM, value: {{ .Values.keycloak.realm | quote }}}
- {name: IDENTITY_KEYCLOAK_CLIENT_ID, value: {{ .Values.keycloak.clientId | quote }}}
- {name: IDENTITY_KEYCLOAK_CLIENT_SECRET_FILE, value: /run/nx/keycloak/client-secret}
{{- range $name, $value := .Values.settings }}
- {name: {{ $name }}, value: {{ include "nx.text" $value | quote }}}
{{- end }}
{{- end }}

{{/* `direct`: past a pooler, where there is one (D9). */}}
{{- define "nx.databaseEnv" -}}
- {name: DATABASE_URL_FILE, value: /run/nx/urls/database}
{{- if .direct }}
- {name: DATABASE_DIRECT_URL_FILE, value: /run/nx/urls/database-direct}
{{- end }}
{{- end }}

{{/* The jobs alone have the schema's owner. */}}
{{- define "nx.ownerEnv" -}}
{{ include "nx.databaseEnv" (dict "direct" .Values.secrets.database.directOwnerKey) }}
{{- end }}

{{- define "nx.ownerUrlFiles" -}}
{{ include "nx.urlFiles" (dict "root" . "key" .Values.secrets.database.ownerKey "directKey" .Values.secrets.database.directOwnerKey) }}
{{- end }}

{{/* A setting as text: YAML's numbers are floats to Helm, and 2592000 would be 2.592e+06. */}}
{{- define "nx.text" -}}
{{ if kindIs "float64" . }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}
