# Two stages: the first installs the pinned requirements and the project, the second runs them as nobody in particular.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/turnsignal
WORKDIR /src
COPY requirements/run.txt requirements/run.txt
RUN /opt/turnsignal/bin/pip install --require-hashes -r requirements/run.txt
COPY . .
RUN /opt/turnsignal/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11-slim
# The letters of pictures in Chinese; the smallest font that has them all.
RUN apt-get update && apt-get install -y --no-install-recommends fonts-wqy-microhei && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin turnsignal
COPY --from=build /opt/turnsignal /opt/turnsignal
ENV PATH=/opt/turnsignal/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TURNSIGNAL_HTTP__HOST=0.0.0.0
ENV MPLCONFIGDIR=/tmp/matplotlib
USER 10001
WORKDIR /tmp
EXPOSE 8321
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8321/healthz', timeout=2)"]
ENTRYPOINT ["turnsignal"]
CMD ["run"]
