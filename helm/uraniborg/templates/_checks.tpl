{{/* What a schema cannot tell: values that do not fit together. Each says what was given and what to do. */}}
{{- define "uraniborg.checks" -}}
{{- $values := .Values -}}
{{- if eq (include "uraniborg.labsNamespace" .) .Release.Namespace -}}
{{- fail (printf "labs.namespace is %q, the release's own namespace. Labs need another one: leave it out for %q." .Release.Namespace (printf "%s-labs" .Release.Namespace)) -}}
{{- end -}}
{{- if gt (int $values.portal.replicas) 1 -}}
{{- if not (include "uraniborg.portal.sharedFiles" .) -}}
{{- fail (printf "portal.replicas is %d, but the volume of its files can be mounted on one node only. Name an S3 bucket in portal.files.url, or set portal.storage.accessModes to [ReadWriteMany], or replicas to 1." (int $values.portal.replicas)) -}}
{{- end -}}
{{- if not (include "uraniborg.portal.sharedState" .) -}}
{{- fail (printf "portal.replicas is %d, but the volume of its catalogs can be mounted on one node only. Set portal.catalogs.accessModes to [ReadWriteMany], or replicas to 1." (int $values.portal.replicas)) -}}
{{- end -}}
{{- if include "uraniborg.usesSqlite" (dict "root" . "database" $values.database.portal) -}}
{{- fail (printf "portal.replicas is %d, but its database is SQLite. Enable postgresql or name database.portal, or set replicas to 1." (int $values.portal.replicas)) -}}
{{- end -}}
{{- end -}}
{{- if and $values.portal.files.existingSecret (not $values.portal.files.url) -}}
{{- fail "portal.files.existingSecret is set, but portal.files.url is empty. Name the bucket that it opens, or leave it out." -}}
{{- end -}}
{{- if include "uraniborg.portal.daskScans" . -}}
{{- if not (include "uraniborg.portal.dask" .) -}}
{{- fail (printf "portal.scans.compute is \"dask\", but portal.jobs.compute is %q: scans run on the workers of jobs. Set portal.jobs.compute to \"dask\", or portal.scans.compute to \"processes\"." $values.portal.jobs.compute) -}}
{{- end -}}
{{- if not $values.portal.scans.catalogsClaim -}}
{{- fail (printf "portal.scans.compute is \"dask\", but portal.scans.catalogsClaim is empty. Make a claim in the namespace %q whose volume holds the same files as the portal's catalogs, and name it there; or set portal.scans.compute to \"processes\"." (include "uraniborg.labsNamespace" .)) -}}
{{- end -}}
{{- end -}}
{{- if not $values.secrets.create -}}
{{- range list "proxyToken" "cookieSecret" "cryptKey" "portalToken" "poolsToken" -}}
{{- if not (index $values.secrets . "existingSecret") -}}
{{- fail (printf "secrets.create is false, but secrets.%s.existingSecret is empty. Name a Secret that holds it, or let the chart make it." .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and $values.scheduling.userPlaceholder.enabled (not $values.scheduling.podPriority.enabled) -}}
{{- fail "scheduling.userPlaceholder.enabled needs scheduling.podPriority.enabled: placeholders that do not give way would keep labs out." -}}
{{- end -}}
{{- if and $values.httpRoute.enabled (not $values.httpRoute.gateways) -}}
{{- fail "httpRoute.enabled needs httpRoute.gateways: the Gateways that the route belongs to, each {name, namespace}." -}}
{{- end -}}
{{- if and $values.cull.enabled (ge (int $values.cull.warning) (int $values.cull.timeout)) -}}
{{- fail (printf "cull.warning is %d s, not less than cull.timeout, %d s: a lab in use would be warned of. Shorten the warning; 0 is none." (int $values.cull.warning) (int $values.cull.timeout)) -}}
{{- end -}}
{{- with $values.imagePullSecret -}}
{{- if and .create (not (and .username .password)) -}}
{{- fail "imagePullSecret.create needs imagePullSecret.username and imagePullSecret.password. Or name existing Secrets in imagePullSecrets." -}}
{{- end -}}
{{- end -}}
{{- $slugs := list -}}
{{- range $values.singleuser.profileList -}}
{{- if has .slug $slugs -}}{{- fail (printf "singleuser.profileList has two profiles %q. Give each its own slug." .slug) -}}{{- end -}}
{{- $slugs = append $slugs .slug -}}
{{- end -}}
{{- end -}}
