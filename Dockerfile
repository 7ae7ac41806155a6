# One image for web, worker, beat and migrate; the service says which command it runs.
ARG PYTHON_IMAGE=python:3.11-slim
FROM ${PYTHON_IMAGE}

ENV PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1 \
    TZ=Asia/Shanghai

RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin portal
WORKDIR /app

# The lock alone first: this layer is rebuilt only when the lock changes.
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

# Owned by root, so that the running program cannot change its own code.
COPY . ./
# The key lives for this one command; the real one comes from the environment at run time.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    DATABASE_URL=sqlite:////tmp/build.sqlite3 \
    python manage.py collectstatic --noinput \
    && python -m compileall -q parkportal enterprises projects reports

# What people upload; compose mounts a volume here, which takes over the owner.
RUN mkdir /files && chown portal: /files
USER portal
EXPOSE 8000
CMD ["gunicorn", "parkportal.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", \
     "--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "20", "--access-logfile", "-", "--no-control-socket"]
