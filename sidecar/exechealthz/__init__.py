"""Health pages that run commands: what kube-dns pods had before the sidecar.

    exechealthz -cmd='nslookup kubernetes.default' -url=/healthz-dnsmasq -port=8080

Every command runs at its pace, whoever asks; a page tells the last result. Pure rules are in
`verdict`, one run of a command in `command`.
"""
