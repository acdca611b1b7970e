{{/* A registry's account as kubelets read it: `.dockerconfigjson`, in base64. */}}
{{- define "uraniborg.registry.account" -}}
{{- $secret := .Values.imagePullSecret -}}
{{- $account := dict "username" $secret.username "password" $secret.password "auth" (printf "%s:%s" $secret.username $secret.password | b64enc) -}}
{{- with $secret.email }}{{ $_ := set $account "email" . }}{{ end -}}
{{- $registry := $secret.registry | default "https://index.docker.io/v1/" -}}
{{- dict "auths" (dict $registry $account) | toJson | b64enc -}}
{{- end -}}
