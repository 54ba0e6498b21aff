{{- define "nx.labels" -}}
{{ include "nx.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* What selects the pods of one component. Takes a dict of root and component. */}}
{{- define "nx.selector" -}}
app.kubernetes.io/name: nx-identity
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "nx.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Whatever scales and budgets name: the Rollout or the Deployment of the server. */}}
{{- define "nx.serverKind" -}}
{{ if .Values.canary.enabled }}Rollout{{ else }}Deployment{{ end }}
{{- end }}
