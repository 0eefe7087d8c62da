/**
 * The SQL that makes a Supabase project ready: run as a whole, as often as one likes. It keeps the rows of a table
 * that is there already, whoever made it.
 *
 * Without it, a table `files` as in the design and policies of one's own do as well; changes of many records then
 * take one request each, and an exchanged database is known by its address alone.
 */

/** Of the functions: raised when the adapter wants others. */
export const SETUP_VERSION = 1

export interface SetupOptions {
  /** 'signed-in': users of the project alone. 'anyone': whoever has the publishable key. */
  readonly access: 'signed-in' | 'anyone'
}

export function setupSql({ access }: SetupOptions): string {
  return `${[head(access), TABLE, security(access), FUNCTIONS, REALTIME, END].join('\n\n')}\n`
}

function head(access: SetupOptions['access']): string {
  const who =
    access === 'signed-in'
      ? `-- Who may do what: users who sign in (SUPABASE_EMAIL, SUPABASE_PASSWORD) share the files of the shared
-- channel, and each has private ones of their own. The publishable key alone opens nothing. But who signs up is
-- a user: as long as your project lets anyone sign up, anyone can get in (Authentication, Sign In / Providers).`
      : `-- Who may do what: ANYONE WHO HAS THE PUBLISHABLE KEY may read, change and delete all files of the shared
-- channel. That key is in every app and page that uses it, so treat what you sync as public, or print the
-- SQL with sign-in instead: lockstep setup supabase. Private files need a user who signs in, here too.`
  return `-- Lockstep for Supabase, version ${SETUP_VERSION}. Run all of it in the SQL editor of your project. Running it again
-- changes nothing that is right already; rows are kept.
--
${who}
-- Policies of others on this table stay. Remove those that let more in than you want.`
}

const TABLE = `create table if not exists public.files (
  id text primary key,
  path text,
  content text,
  app text,
  owner_id text,
  last_updated bigint,
  created_at bigint
);
alter table public.files add column if not exists path text;
alter table public.files add column if not exists content text;
alter table public.files add column if not exists app text;
alter table public.files add column if not exists owner_id text;
alter table public.files add column if not exists last_updated bigint;
alter table public.files add column if not exists created_at bigint;
create index if not exists idx_files_app_owner on public.files (app, owner_id);`

function security(access: SetupOptions['access']): string {
  const sharers = access === 'signed-in' ? 'authenticated' : 'anon, authenticated'
  const others = access === 'signed-in' ? '\nrevoke all on public.files from anon;' : ''
  return `-- Row level security: without a policy nobody gets anything.
alter table public.files enable row level security;
grant usage on schema public to anon, authenticated;
grant select, insert, update, delete on public.files to ${sharers};${others}

drop policy if exists "lockstep shared" on public.files;
create policy "lockstep shared" on public.files for all to ${sharers}
  using (owner_id = 'shared')
  -- An id with "@" is a private one: nobody may take another user's.
  with check (owner_id = 'shared' and split_part(id, ':', 1) not like '%@%');

drop policy if exists "lockstep private" on public.files;
create policy "lockstep private" on public.files for all to authenticated
  using (owner_id = (select auth.uid())::text)
  with check (owner_id = (select auth.uid())::text and id = app || '@' || owner_id || ':' || path);

-- lockstep doctor writes one record of this owner, reads it and deletes it again.
drop policy if exists "lockstep doctor" on public.files;
create policy "lockstep doctor" on public.files for all to ${sharers}
  using (owner_id = 'lockstep-doctor')
  with check (owner_id = 'lockstep-doctor' and id = app || '@' || owner_id || ':' || path);`
}

const FUNCTIONS = `-- The database's own name, so that another one in its place is noticed. Read through lockstep_about() alone.
create table if not exists public.lockstep_meta (key text primary key, value text not null);
alter table public.lockstep_meta enable row level security;
revoke all on public.lockstep_meta from anon, authenticated;
insert into public.lockstep_meta (key, value) values ('database', gen_random_uuid()::text)
  on conflict (key) do nothing;

-- Which version of this SQL was run, and which database and table this is.
create or replace function public.lockstep_about() returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'version', ${SETUP_VERSION},
    'database', m.value || '.' || 'public.files'::regclass::oid::text
  )
  from public.lockstep_meta m where m.key = 'database'
$$;

-- One number for all records of one owner that the caller may see: another one once any of them was written.
create or replace function public.lockstep_digest(app_id text, owner text) returns text
language sql stable security invoker set search_path = '' as $$
  select count(*)::text || '.' || coalesce(sum(hashtextextended(f.id || ' ' || f.xmin::text, 0)), 0)::text
  from public.files f where f.app = app_id and f.owner_id = owner
$$;

-- Several conditional writes, with the caller's own rights; a result for each.
create or replace function public.lockstep_commit(writes jsonb) returns jsonb
language plpgsql volatile security invoker set search_path = '' as $$
declare
  w jsonb;
  expected_version bigint;
  expected_xmin text;
  written text;
  found_version bigint;
  found_xmin text;
  result jsonb;
  results jsonb[] := '{}';
begin
  for w in select value from jsonb_array_elements(writes) loop
    written := null;
    result := null;
    expected_version := (w -> 'expected' ->> 'last_updated')::bigint;
    expected_xmin := w -> 'expected' ->> 'xmin';
    begin
      if w ->> 'type' = 'delete' then
        delete from public.files f
          where f.id = w ->> 'id' and f.last_updated is not distinct from expected_version
            and f.xmin::text = expected_xmin
          returning f.id into written;
      elsif expected_xmin is null then
        insert into public.files as f (id, path, content, app, owner_id, last_updated, created_at)
          values (w ->> 'id', w ->> 'path', w ->> 'content', w ->> 'app', w ->> 'owner_id',
            (w ->> 'last_updated')::bigint, (w ->> 'created_at')::bigint)
          on conflict (id) do nothing
          returning f.xmin::text into written;
      else
        update public.files f
          set path = w ->> 'path', content = w ->> 'content', app = w ->> 'app', owner_id = w ->> 'owner_id',
            last_updated = (w ->> 'last_updated')::bigint
          where f.id = w ->> 'id' and f.last_updated is not distinct from expected_version
            and f.xmin::text = expected_xmin
          returning f.xmin::text into written;
      end if;
    exception when others then
      -- A lock, a limit of time or a lack of room is not this record's fault: all of it is tried again.
      if left(sqlstate, 2) in ('25', '40', '53', '55', '57', '58', 'XX') then raise; end if;
      result := jsonb_build_object('status', 'failed', 'code', sqlstate, 'message', sqlerrm);
    end;
    if result is null and written is not null then
      result := jsonb_build_object('status', 'done', 'last_updated', w -> 'last_updated', 'xmin', written);
    elsif result is null then
      select f.last_updated, f.xmin::text into found_version, found_xmin from public.files f where f.id = w ->> 'id';
      if not found then
        -- A row that is there, and yet not to be seen, kept an insert out; an update may have come too late.
        result := jsonb_build_object('status', case when expected_xmin is null then 'hidden' else 'lost' end);
      elsif found_xmin = expected_xmin and found_version is not distinct from expected_version then
        result := jsonb_build_object('status', 'hidden');
      else
        result := jsonb_build_object('status', 'lost');
      end if;
    end if;
    results := results || result;
  end loop;
  return to_jsonb(results);
end
$$;

grant execute on function public.lockstep_about() to anon, authenticated;
grant execute on function public.lockstep_digest(text, text) to anon, authenticated;
grant execute on function public.lockstep_commit(jsonb) to anon, authenticated;`

const REALTIME = `-- Realtime tells devices what has changed. Row level security holds there too, but for deletes: the ids of deleted
-- records, private ones included, are told to whoever may listen.
do $$ begin
  if exists (select from pg_publication where pubname = 'supabase_realtime' and not puballtables)
    and not exists (
      select from pg_publication_tables
      where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = 'files'
    )
  then
    alter publication supabase_realtime add table public.files;
  end if;
end $$;`

const END = `notify pgrst, 'reload schema';`
