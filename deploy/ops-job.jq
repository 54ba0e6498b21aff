# A Job that runs one of the operator's commands with a server's image, settings and keys, while no server runs to `exec` in:
#   kubectl -n identity get deploy nx-server -o json | jq -f deploy/ops-job.jq --arg command "after-restore --yes" | kubectl -n identity apply -f -
{
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: {name: "nx-ops"},
  spec: {
    backoffLimit: 0,
    ttlSecondsAfterFinished: 3600,
    template: {
      # The server's labels, as network policies know it by them.
      metadata: {labels: .spec.template.metadata.labels},
      spec: (
        .spec.template.spec
        | del(.topologySpreadConstraints, .affinity)
        | .restartPolicy = "Never"
        | .containers[0] |= (
            del(.livenessProbe, .readinessProbe, .startupProbe, .lifecycle, .ports)
            | .args = ($command | split(" "))
            | .env = [.env[] | select(.name != "RUN_MODE")] + [{name: "RUN_MODE", value: "ops"}]
          )
      )
    }
  }
}
