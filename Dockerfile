# One image for the gateway, the four services and the one-shot `provision`; docker-compose.yml says which runs where.
# It holds no secret: those are files that are mounted. PostgreSQL is a server of its own; the embedded one is left out.
FROM python:3.13-slim-trixie AS build
WORKDIR /build
COPY requirements-runtime.lock ./
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary :all: --require-hashes \
        --requirement requirements-runtime.lock

FROM python:3.13-slim-trixie
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 KEYACCOUNT_HOST=0.0.0.0
# The folders that volumes are mounted on belong to the user: a new volume takes that over.
RUN groupadd --system --gid 10001 keyaccount \
    && useradd --system --uid 10001 --gid keyaccount --no-create-home --shell /usr/sbin/nologin keyaccount \
    && install -d -o keyaccount -g keyaccount -m 700 /data /audit /run/keyaccount /services /services/customer \
        /services/opportunity /services/forecast /services/team
COPY --from=build /venv /venv
WORKDIR /app
COPY pyproject.toml README.md ./
COPY servicekit servicekit
COPY orgchart orgchart
COPY services services
COPY gateway gateway
COPY keyaccount keyaccount
RUN python -m compileall -q /app
USER 10001:10001
EXPOSE 8080-8084
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-m", "keyaccount.probe"]
ENTRYPOINT ["python", "-m", "keyaccount"]
CMD ["--help"]
