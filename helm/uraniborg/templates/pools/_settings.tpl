{{/* The broker's uraniborg.toml. */}}
{{- define "uraniborg.pools.toml" -}}
[pools]
{{ include "uraniborg.tomlLines" .Values.pools.config | trim }}

[pools.kubernetes]
{{ include "uraniborg.tomlLines" (fromYaml (include "uraniborg.pools.kubernetes" .)) | trim }}
{{- end -}}

{{/* The table [pools.kubernetes]: how pools become DaskClusters. */}}
{{- define "uraniborg.pools.kubernetes" -}}
namespace: {{ include "uraniborg.labsNamespace" . }}
service_account: {{ include "uraniborg.fullname" . }}-worker
pull_secrets: {{ toJson .Values.imagePullSecrets }}
{{- end -}}
