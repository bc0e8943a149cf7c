# The service's image (target `service`) and that of a local AWS to try it with (target `local-aws`).
ARG BASE_IMAGE=docker.io/library/python:3.11-slim-bookworm
ARG NODE_IMAGE=docker.io/library/node:22-bookworm-slim

FROM ${NODE_IMAGE} AS assets
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY local/vendor_assets.mjs local/
RUN npm run --silent vendor

FROM ${BASE_IMAGE} AS uv
ENV UV_PYTHON_DOWNLOADS=never UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --quiet --no-cache-dir uv==0.13.9
WORKDIR /build

FROM uv AS environment
COPY requirements.txt ./
RUN python3 -m venv --without-pip /opt/environment \
    && /opt/uv/bin/uv pip install --quiet --python /opt/environment/bin/python -r requirements.txt

FROM uv AS local-aws-environment
COPY requirements-local-aws.txt ./
RUN python3 -m venv --without-pip /opt/environment \
    && /opt/uv/bin/uv pip install --quiet --python /opt/environment/bin/python -r requirements-local-aws.txt

# What both images have in common: an unprivileged user and folders that it may write, for volumes.
FROM ${BASE_IMAGE} AS unprivileged
RUN useradd --uid 50000 --gid 0 --no-create-home --home-dir /var/lib/data-uploader uploader \
    && for folder in airflow logs mail work aws; do mkdir -p /var/lib/data-uploader/$folder; done \
    && chown -R 50000:0 /var/lib/data-uploader && chmod -R 0770 /var/lib/data-uploader
ENV PATH=/opt/environment/bin:$PATH PYTHONUNBUFFERED=1 PYTHONPATH=/opt/data-uploader HOME=/var/lib/data-uploader
WORKDIR /opt/data-uploader
USER 50000:0

FROM unprivileged AS local-aws
COPY --from=local-aws-environment /opt/environment /opt/environment
COPY local/__init__.py local/ministack_server.py local/
CMD ["python", "-m", "local.ministack_server"]

FROM unprivileged AS service
COPY --from=environment /opt/environment /opt/environment
COPY include include
# Compiled here for this kind of processor; on another one each worker compiles at its first file, into the same folder.
ENV NUMBA_CACHE_DIR=/var/lib/data-uploader/kernels
RUN python -m include.conversion.warm_up
COPY dags dags
COPY plugins plugins
COPY --from=assets /build/plugins/front/static/vendor plugins/front/static/vendor
COPY local/*.py local/
ENV AIRFLOW_HOME=/var/lib/data-uploader/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/data-uploader/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/data-uploader/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=/var/lib/data-uploader/logs \
    DATA_UPLOADER_MAIL_DIR=/var/lib/data-uploader/mail \
    DATA_UPLOADER_WORK_DIR=/var/lib/data-uploader/work
CMD ["airflow", "version"]
