{{/* What pods are selected by, and labelled with: (dict "root" $ "component" "web") */}}
{{- define "cardgen.selector" -}}
app.kubernetes.io/name: cardgen
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "cardgen.labels" -}}
{{ include "cardgen.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* What all pods have: (dict "root" $ "component" "web") */}}
{{- define "cardgen.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: secrets
    secret:
      secretName: {{ .root.Values.existingSecret }}
      defaultMode: 0440
      items:
      {{- range (splitList " " (include "cardgen.secrets" .)) }}
        - {key: {{ . }}, path: {{ . }}}
      {{- end }}
  - name: tmp
    emptyDir: {}
{{- end }}

{{/* What all containers have. */}}
{{- define "cardgen.container" -}}
image: "{{ .root.Values.image.repository }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}"
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
volumeMounts:
  - {name: secrets, mountPath: /run/secrets, readOnly: true}
  - {name: tmp, mountPath: /tmp}
env:
{{- range (splitList " " (include "cardgen.secrets" .)) }}
  - name: {{ include "cardgen.variable" . }}
    value: /run/secrets/{{ . }}
{{- end }}
  - {name: CARDGEN_HTTPS, value: "1"}
  - {name: CARDGEN_ALLOWED_HOSTS, value: {{ .root.Values.host | quote }}}
  - {name: CARDGEN_TRUSTED_ORIGINS, value: {{ printf "https://%s" .root.Values.host | quote }}}
  - {name: CARDGEN_LOG_FORMAT, value: JSON}
  - {name: CARDGEN_WORKERS, value: {{ mul .root.Values.worker.replicas .root.Values.worker.concurrency | quote }}}
{{- if eq .component "web" }}
  - {name: CARDGEN_DATABASE_POOL, value: {{ .root.Values.web.databasePool | quote }}}
{{- end }}
{{- if eq .component "metrics" }}
  - {name: CARDGEN_METRICS, value: "0.0.0.0:9464"}
{{- end }}
{{- if eq .component "migrate" }}
  - {name: CARDGEN_BOOTSTRAP_ROLE, value: {{ .root.Values.bootstrapRole }}}
{{- end }}
{{- range $name, $value := .root.Values.settings }}
  - {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{/* Only the migration knows the owner of the tables, and makes the first API key. */}}
{{- define "cardgen.secrets" -}}
master_key secret_key database_url broker_url cache_url channel_url
{{- if eq .component "migrate" }} owner_database_url bootstrap_key{{ end }}
{{- end }}

{{- define "cardgen.variable" -}}
{{- if has . (list "master_key" "secret_key" "bootstrap_key" "owner_database_url") }}CARDGEN_{{ end }}{{ upper . }}_FILE
{{- end }}
