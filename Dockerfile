# One image for all three processes: web, worker and beat (docker-compose.yml says which is which).

FROM node:20-bookworm-slim AS npm
WORKDIR /portal
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-progress

FROM python:3.11-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install --require-hashes -r requirements.txt

FROM python:3.11-slim-bookworm
# Pango and what it stands on is what WeasyPrint sets text with, in DejaVu where Inter lacks letters;
# Poppler draws the pages of masked copies and puts missing fonts into annexes. LibreOffice is not
# here: a container may not part it from the network, and without that it is never run.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core poppler-utils \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /portal --shell /usr/sbin/nologin portal \
    && install -d -o portal -g portal /var/portal
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VAR_DIR=/var/portal \
    STATIC_ROOT=/portal/collected
WORKDIR /portal
COPY --from=packages /opt/venv /opt/venv
COPY --from=npm /portal/node_modules node_modules
COPY . .
# The answers are for this one command alone and stay in no layer: no secret is in the image.
RUN SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(50))') \
    ALLOWED_HOSTS=localhost SITE_URL=https://localhost EMAIL_URL=dummymail:// VAR_DIR=/tmp/build \
        python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /tmp/build
USER portal
VOLUME /var/portal
EXPOSE 8000
CMD ["gunicorn", "finsam.wsgi", "--config=python:finsam.gunicorn"]
