FROM python:3.13-slim AS build
COPY . /source
RUN ["/source/scripts/assemble.sh", "/app"]
RUN ["mkdir", "/data"]

FROM python:3.13-slim
COPY --from=build /app /app
COPY --from=build --chown=10001:10001 /data /data
WORKDIR /app
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 GATEWAY_STORAGE=sqlite:////data/gateway.db
VOLUME /data
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 CMD ["/app/.venv/bin/python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:8080/health/ready', timeout=2)"]
ENTRYPOINT ["/app/.venv/bin/gateway"]
CMD ["serve", "--config", "gateway.yaml", "--host", "0.0.0.0", "--port", "8080"]
