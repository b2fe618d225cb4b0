{{- define "sallyport.isRemote" -}}
{{- if eq (dig "auth" "mode" "embedded" .Values.config) "remote" -}}yes{{- end -}}
{{- end -}}

{{- define "sallyport.isSqlite" -}}
{{- if and (eq .Values.database "sqlite") (not (include "sallyport.isRemote" .)) -}}yes{{- end -}}
{{- end -}}

{{- define "sallyport.areSeveral" -}}
{{- if or .Values.autoscaling.enabled (gt (int .Values.replicas) 1) -}}yes{{- end -}}
{{- end -}}

{{- /* gateway.config.yaml: what the values say, over what the chart knows. */ -}}
{{- define "sallyport.config" -}}
{{- $own := dict
  "version" 1
  "server" (dict "listen" "0.0.0.0:8080")
  "admin" (dict "listen" "0.0.0.0:9090")
  "auth" dict
  "bearer" (dict "secret" "${JWT_SECRET}")
-}}
{{- if not (include "sallyport.isRemote" .) -}}
{{- $database := ternary "sqlite:/app/data/auth.db" "${DATABASE_URL}" (eq .Values.database "sqlite") -}}
{{- $_ := set $own "auth" (dict "secret" "${BETTER_AUTH_SECRET}" "database" $database "signUp" "closed") -}}
{{- end -}}
{{- if .Values.adminToken -}}
{{- $_ := set $own.admin "token" "${ADMIN_TOKEN}" -}}
{{- end -}}
{{- if .Values.redis -}}
{{- $_ := set $own "redis" "${REDIS_URL}" -}}
{{- end -}}
{{- toYaml (mergeOverwrite $own (deepCopy .Values.config)) -}}
{{- end -}}

{{- /* What each key of the Secret is a file and a variable for. */ -}}
{{- define "sallyport.neededKeys" -}}
{{- $keys := list "JWT_SECRET" -}}
{{- if not (include "sallyport.isRemote" .) -}}
{{- $keys = append $keys "BETTER_AUTH_SECRET" -}}
{{- if ne .Values.database "sqlite" -}}{{- $keys = append $keys "DATABASE_URL" -}}{{- end -}}
{{- end -}}
{{- if .Values.redis -}}{{- $keys = append $keys "REDIS_URL" -}}{{- end -}}
{{- if .Values.adminToken -}}{{- $keys = append $keys "ADMIN_TOKEN" -}}{{- end -}}
{{- $keys | sortAlpha | join "," -}}
{{- end -}}

{{- define "sallyport.secretKeys" -}}
{{- $needed := include "sallyport.neededKeys" . | splitList "," -}}
{{- if .Values.secret.existing -}}
{{- concat $needed .Values.secret.extraKeys | uniq | sortAlpha | join "," -}}
{{- else -}}
{{- keys .Values.secret.values | sortAlpha | join "," -}}
{{- end -}}
{{- end -}}

{{- define "sallyport.secretName" -}}
{{- .Values.secret.existing | default (include "sallyport.fullname" .) -}}
{{- end -}}

{{- /* The fields in identity that Better Auth adds to its users. */ -}}
{{- define "sallyport.addedFields" -}}
{{- $own := list "user.id" "user.email" "user.name" "user.role" "user.image" "user.externalId" -}}
{{- $fields := list -}}
{{- range regexFindAll "user\\.[A-Za-z0-9_]+" (toJson .) -1 -}}
{{- if not (has . $own) -}}{{- $fields = append $fields . -}}{{- end -}}
{{- end -}}
{{- $fields | uniq | sortAlpha | join "," -}}
{{- end -}}

{{- /*
A digest of what a running gateway refuses to change (src/lifecycle/reload.ts): only then new pods are needed. More people may read it than may read secrets, and a password in a URL
can be guessed: it is never without a key that cannot. That is BETTER_AUTH_SECRET, and JWT_SECRET where there is no other, although a running gateway takes a new one.
*/ -}}
{{- define "sallyport.restartDigest" -}}
{{- $config := include "sallyport.config" . | fromYaml -}}
{{- $server := get $config "server" -}}
{{- $bearer := get $config "bearer" -}}
{{- $fixed := dict
  "publicUrl" (get $server "publicUrl")
  "tls" (get $server "tls")
  "audit" (get $config "audit")
  "auth" (get $config "auth")
  "apiKeys" (get $bearer "apiKeys")
  "redis" (get $config "redis")
  "fields" (include "sallyport.addedFields" (get $config "identity"))
  "files" .Values.configFiles
-}}
{{- if not .Values.secret.existing -}}
{{- $counted := omit .Values.secret.values "ADMIN_TOKEN" -}}
{{- if hasKey $counted "BETTER_AUTH_SECRET" -}}
{{- $counted = omit $counted "JWT_SECRET" -}}
{{- end -}}
{{- $_ := set $fixed "secrets" $counted -}}
{{- end -}}
{{- $fixed | toJson | sha256sum -}}
{{- end -}}

{{- /* A duration of the configuration in whole seconds; empty where it is none that can be read here. */ -}}
{{- define "sallyport.seconds" -}}
{{- $text := toString . -}}
{{- $number := regexFind "^[0-9]+" $text | default "0" | int64 -}}
{{- if eq $text "0" -}}0
{{- else if regexMatch "^[0-9]+ms$" $text -}}{{ div (add $number 999) 1000 }}
{{- else if regexMatch "^[0-9]+s$" $text -}}{{ $number }}
{{- else if regexMatch "^[0-9]+m$" $text -}}{{ mul $number 60 }}
{{- else if regexMatch "^[0-9]+h$" $text -}}{{ mul $number 3600 }}
{{- end -}}
{{- end -}}

{{- define "sallyport.patience" -}}
{{- $shutdown := dig "server" "shutdown" dict .Values.config -}}
{{- $drain := include "sallyport.seconds" (get (mergeOverwrite (dict "drain" "0s" "grace" "15s") (deepCopy $shutdown)) "drain") -}}
{{- $grace := include "sallyport.seconds" (get (mergeOverwrite (dict "drain" "0s" "grace" "15s") (deepCopy $shutdown)) "grace") -}}
{{- if and (ne $drain "") (ne $grace "") -}}{{ add (int64 $drain) (int64 $grace) }}{{- end -}}
{{- end -}}
