# One image for the three containers; each names its program in `command`.
# Build: docker build -t kube-dns-py:0.1.0 .
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /venv
COPY constraints constraints
RUN /venv/bin/pip install --no-cache-dir -r constraints/build.txt -r constraints/runtime.txt
COPY setup.cfg pyproject.toml README.md ./
COPY dnscore dnscore
COPY kubedns kubedns
COPY dnsmasq_front dnsmasq_front
COPY sidecar sidecar
COPY devcluster devcluster
COPY localrun localrun
RUN /venv/bin/pip install --no-cache-dir --no-build-isolation --no-deps . \
 && /venv/bin/python -m compileall -q /venv/lib \
 && /venv/bin/pip uninstall --yes setuptools pip

FROM python:3.13-slim
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
CMD ["python", "-m", "kubedns", "--help"]
