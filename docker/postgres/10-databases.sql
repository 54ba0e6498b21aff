-- As embedded/databases.ts: the databases of Keycloak and of the service with their login roles. Runs once, when the
-- cluster is made; the passwords are read from the mounted files and appear nowhere.
\set ON_ERROR_STOP on
\set keycloak `cat /run/secrets/keycloak_database_password`
\set owner `cat /run/secrets/owner_password`
\set server `cat /run/secrets/server_password`
\set worker `cat /run/secrets/worker_password`
CREATE ROLE keycloak LOGIN PASSWORD :'keycloak';
CREATE ROLE nx_identity_owner LOGIN CREATEROLE PASSWORD :'owner';
CREATE ROLE nx_identity_server LOGIN PASSWORD :'server';
CREATE ROLE nx_identity_worker LOGIN PASSWORD :'worker';
CREATE DATABASE keycloak OWNER keycloak;
CREATE DATABASE nx_identity OWNER nx_identity_owner;
REVOKE ALL ON DATABASE keycloak, nx_identity FROM PUBLIC;
GRANT CONNECT ON DATABASE nx_identity TO nx_identity_server, nx_identity_worker;
-- The groups that the migration would make: they come first, so that the logins are members before anything starts.
SET ROLE nx_identity_owner;
CREATE ROLE nx_app NOLOGIN NOINHERIT;
CREATE ROLE nx_worker NOLOGIN NOINHERIT;
GRANT nx_app TO nx_identity_server;
GRANT nx_worker TO nx_identity_worker;
