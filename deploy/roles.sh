#!/bin/sh
# Make the role of the application, or give it the password that deploy/secrets says. It owns nothing.
set -eu
PGPASSWORD=$(cat /run/secrets/owner_password)
export PGPASSWORD
# psql reads the password from its input: it stands in no argument and no environment.
exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 <<SQL
SELECT 'CREATE ROLE cardgen_app LOGIN' WHERE NOT EXISTS (
    SELECT FROM pg_roles WHERE rolname = 'cardgen_app') \\gexec
ALTER ROLE cardgen_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE
    PASSWORD '$(cat /run/secrets/application_password)';
SQL
