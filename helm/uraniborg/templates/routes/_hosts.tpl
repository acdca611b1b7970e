{{/*
Which hosts lead where, as JSON: a list of {hosts, portal}; `portal` where the portal's own pages do not pass the proxy.
With `subdomainHost` these are on the portal's own host: on a lab's host the same path belongs to that lab.
*/}}
{{- define "uraniborg.routedHosts" -}}
{{- if .root.Values.subdomainHost -}}
{{- $portal := (urlParse (include "uraniborg.servicePublicUrl" (dict "root" .root "name" "portal"))).hostname -}}
{{- $others := append .hosts (printf "*.%s" (urlParse .root.Values.subdomainHost).hostname) -}}
{{- list (dict "hosts" (list $portal) "portal" true) (dict "hosts" $others "portal" false) | toJson -}}
{{- else -}}
{{- list (dict "hosts" .hosts "portal" true) | toJson -}}
{{- end -}}
{{- end -}}
