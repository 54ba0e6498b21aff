{{/* The pod of the server, in a Deployment or in a Rollout. */}}
{{- define "nx.serverPod" -}}
metadata:
  labels:
    {{- include "nx.labels" (dict "root" . "component" "server") | nindent 4 }}
spec:
  {{- include "nx.podSecurity" . | nindent 2 }}
  terminationGracePeriodSeconds: {{ .Values.server.terminationGraceS }}
  {{- include "nx.zones" . | nindent 2 }}
  containers:
    - name: server
      {{- include "nx.container" . | nindent 6 }}
      env:
        - {name: RUN_MODE, value: server}
        {{- include "nx.databaseEnv" dict | nindent 8 }}
        - {name: IDENTITY_PORT, value: {{ .Values.server.port | quote }}}
        - {name: IDENTITY_INTERNAL_HOST, value: 0.0.0.0}
        - {name: IDENTITY_INTERNAL_PORT, value: {{ .Values.server.internalPort | quote }}}
        - {name: IDENTITY_SERVICE_ADDRESSES, value: {{ join "," .Values.server.serviceAddresses | quote }}}
        - {name: IDENTITY_TRUSTED_HOPS, value: {{ .Values.server.trustedHops | quote }}}
        - {name: IDENTITY_SNOWFLAKE_WORKER_IDS, value: {{ .Values.server.workerIds | quote }}}
        {{- include "nx.commonEnv" . | nindent 8 }}
      ports:
        - {name: http, containerPort: {{ .Values.server.port }}}
        - {name: internal, containerPort: {{ .Values.server.internalPort }}}
        - {name: metrics, containerPort: {{ .Values.server.metricsPort }}}
      # It listens at once; ready is another matter, since Keycloak may take minutes.
      startupProbe:
        httpGet: {path: /v1/api/identity/healthz, port: http}
        periodSeconds: 2
        failureThreshold: 30
      livenessProbe:
        httpGet: {path: /v1/api/identity/healthz, port: http}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: {path: /v1/api/identity/readyz, port: http}
        periodSeconds: 5
        timeoutSeconds: 3
        failureThreshold: 2
      lifecycle:
        preStop: {sleep: {seconds: {{ .Values.server.preStopS }}}}
      resources:
        {{- toYaml .Values.server.resources | nindent 8 }}
      volumeMounts:
        - {name: keys, mountPath: /run/nx/keys, readOnly: true}
        - {name: keycloak, mountPath: /run/nx/keycloak, readOnly: true}
        - {name: urls, mountPath: /run/nx/urls, readOnly: true}
  volumes:
    # The whole Secret and no subPath, so that a key that is added to it appears here without a restart (docs/keys.md).
    - name: keys
      secret: {secretName: {{ .Values.secrets.keys }}, defaultMode: 0440}
    - name: keycloak
      {{- include "nx.secretFile" (merge (dict "path" "client-secret") .Values.secrets.keycloakClient) | nindent 6 }}
    - name: urls
      {{- include "nx.urlFiles" (dict "root" . "key" .Values.secrets.database.serverKey "redis" .Values.secrets.redis) | nindent 6 }}
{{- end }}

{{- define "nx.zones" -}}
{{- $labels := include "nx.selector" (dict "root" . "component" "server") }}
{{- if eq .Values.zones.rule "spread" }}
topologySpreadConstraints:
  - topologyKey: topology.kubernetes.io/zone
    maxSkew: 1
    minDomains: {{ .Values.zones.least }}
    whenUnsatisfiable: DoNotSchedule
    matchLabelKeys: [{{ ternary "rollouts-pod-template-hash" "pod-template-hash" .Values.canary.enabled }}]
    labelSelector:
      matchLabels:
        {{- $labels | nindent 8 }}
{{- end }}
affinity:
  podAntiAffinity:
    {{- if eq .Values.zones.rule "anti-affinity" }}
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: topology.kubernetes.io/zone
        labelSelector:
          matchLabels:
            {{- $labels | nindent 12 }}
    {{- end }}
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels:
              {{- $labels | nindent 14 }}
{{- end }}
