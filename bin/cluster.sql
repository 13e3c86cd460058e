-- Roles, database and extensions of the portal: what only a superuser can make. Run once on a new
-- cluster, by psql as superuser in template1; running it again changes nothing.
-- Everything after this needs no superuser: portal_owner migrates, portal_web and portal_worker serve.
\set ON_ERROR_STOP on
set client_min_messages = warning;

select format('create role %I', role)
from unnest(array['portal_owner', 'portal_web', 'portal_worker', 'portal_sealer']) as role
where not exists (select from pg_roles where rolname = role)
\gexec

-- CREATEDB: the tests make their own databases.
alter role portal_owner  login   inherit   createdb   nosuperuser nocreaterole nobypassrls noreplication;
alter role portal_web    login   noinherit nocreatedb nosuperuser nocreaterole nobypassrls noreplication;
alter role portal_worker login   noinherit nocreatedb nosuperuser nocreaterole nobypassrls noreplication;
-- Owns the audit's seals, so that neither web nor worker can write them by hand.
alter role portal_sealer nologin noinherit nocreatedb nosuperuser nocreaterole nobypassrls noreplication;

-- The owner may act as each of them: tests run as the web role, migrations give tables to the sealer.
grant portal_web, portal_worker, portal_sealer to portal_owner;

-- In template1, so that a test's database has them too, without a superuser.
create extension if not exists postgis;
create extension if not exists btree_gist;
create extension if not exists pg_trgm;
create extension if not exists fuzzystrmatch;
create extension if not exists unaccent;
create extension if not exists pgcrypto;
alter schema public owner to portal_owner;
revoke all on schema public from public;
grant usage on schema public to portal_web, portal_worker, portal_sealer;
grant select on spatial_ref_sys, geometry_columns, geography_columns to public;

select 'create database portal owner portal_owner template template1'
where not exists (select from pg_database where datname = 'portal')
\gexec
revoke all on database portal from public;
grant connect, temporary on database portal to portal_web, portal_worker;
