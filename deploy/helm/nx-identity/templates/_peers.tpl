{{/* Rules of a NetworkPolicy: `peers` (empty: anybody) at `ports`. `way` is from or to. */}}
{{- define "nx.rule" -}}
- ports:
    {{- range .ports }}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
  {{- with .peers }}
  {{ $.way }}:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "nx.dnsRule" -}}
- ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
  {{- with .Values.networkPolicy.dns }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "nx.toPostgres" -}}
{{ include "nx.rule" (dict "way" "to" "ports" .Values.networkPolicy.postgresPorts "peers" .Values.networkPolicy.postgres) }}
{{- end }}
{{- define "nx.toRedis" -}}
{{ include "nx.rule" (dict "way" "to" "ports" .Values.networkPolicy.redisPorts "peers" .Values.networkPolicy.redis) }}
{{- end }}
{{- define "nx.toKeycloak" -}}
{{ include "nx.rule" (dict "way" "to" "ports" (list .Values.networkPolicy.keycloakPort) "peers" .Values.networkPolicy.keycloakPods) }}
{{- end }}
{{- define "nx.toCollector" -}}
{{- with .Values.networkPolicy.collector }}
{{ include "nx.rule" (dict "way" "to" "ports" (list $.Values.networkPolicy.collectorPort) "peers" .) }}
{{- end }}
{{- end }}
{{- define "nx.fromPrometheus" -}}
{{ include "nx.rule" (dict "way" "from" "ports" (list "metrics") "peers" .Values.networkPolicy.prometheus) }}
{{- end }}
