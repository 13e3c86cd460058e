"""Cells of files as the checks read them: dates, degrees, titles, names of regions."""

from django.db import migrations

SQL = r"""
CREATE TABLE proposals_calendar (
    written text COLLATE "C" NOT NULL,
    day date NOT NULL,
    nik_man text COLLATE "C" NOT NULL,
    nik_woman text COLLATE "C" NOT NULL
);
INSERT INTO proposals_calendar
SELECT to_char(day, 'DD-MM-YYYY'), day::date, to_char(day, 'DDMMYY'),
       to_char(extract(day FROM day) + 40, 'FM00') || to_char(day, 'MMYY')
  FROM generate_series('1900-01-01'::timestamp, '2049-12-31', '1 day') AS day;
ALTER TABLE proposals_calendar ADD PRIMARY KEY (written);
ANALYZE proposals_calendar;
COMMENT ON TABLE proposals_calendar IS 'Days as they are written in files and inside a NIK';

CREATE FUNCTION proposals_written_date(cell text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE
        WHEN day ~ '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$'
        THEN lpad(split_part(day, '-', 3), 2, '0') || '-' || lpad(split_part(day, '-', 2), 2, '0')
             || '-' || split_part(day, '-', 1)
        WHEN day ~ '^[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}$'
        THEN lpad(split_part(day, '-', 1), 2, '0') || '-' || lpad(split_part(day, '-', 2), 2, '0')
             || '-' || split_part(day, '-', 3)
        WHEN day ~* '^[0-9]{1,2}-+(jan(uar[iy])?|[fp]eb(ruar[iy])?|mar(et|ch)?|apr(il)?|mei|may|jun[ie]?|jul[iy]?|agu|ags|agt|agust(us)?|aug(ust)?|sep(t|tember)?|okt(ober)?|oct(ober)?|no[vp](ember)?|des(ember)?|dec(ember)?)-+[0-9]{4}$'
        THEN lpad(substring(day from '^[0-9]+'), 2, '0') || '-'
             || CASE lower(substring(day from '[A-Za-z]{3}'))
                WHEN 'jan' THEN '01' WHEN 'feb' THEN '02' WHEN 'peb' THEN '02' WHEN 'mar' THEN '03'
                WHEN 'apr' THEN '04' WHEN 'mei' THEN '05' WHEN 'may' THEN '05' WHEN 'jun' THEN '06'
                WHEN 'jul' THEN '07' WHEN 'agu' THEN '08' WHEN 'ags' THEN '08' WHEN 'agt' THEN '08'
                WHEN 'aug' THEN '08' WHEN 'sep' THEN '09' WHEN 'okt' THEN '10' WHEN 'oct' THEN '10'
                WHEN 'nov' THEN '11' WHEN 'nop' THEN '11' ELSE '12' END
             || '-' || right(day, 4)
        WHEN day ~ '^[0-9]{2,5}$' AND day::int BETWEEN 61 AND 54788
        THEN to_char(date '1899-12-30' + day::int, 'DD-MM-YYYY')
        ELSE day END
    FROM regexp_replace(cell, '[-T]00[:-]00([:-]00)?(-000)?$', '') AS day
$$;
COMMENT ON FUNCTION proposals_written_date IS 'A date in the form of the calendar, as far as it is one';

CREATE FUNCTION proposals_degrees(cell text) RETURNS double precision
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    plain text := upper(translate(cell, ',−–’′‘`´″”“', '.--'));
    letters text := regexp_replace(plain, '[^A-Z]', '', 'g');
    parts text[] := string_to_array(btrim(regexp_replace(plain, '[^0-9.-]+', ' ', 'g')), ' ');
    degrees double precision;
BEGIN
    -- spaces between sign and number, as in "- 7.78"
    IF parts[1] = '-' THEN
        parts := parts[2:];
        parts[1] := '-' || parts[1];
    END IF;
    IF letters NOT IN ('', 'S', 'LS', 'N', 'U', 'LU', 'E', 'T', 'BT', 'W', 'B', 'BB')
       OR cardinality(parts) NOT BETWEEN 1 AND 3
       OR parts[1] !~ '^-?[0-9]{1,3}(\.[0-9]+)?$'
       OR coalesce(parts[2] !~ '^[0-9]{1,2}(\.[0-9]+)?$' OR parts[2]::float8 >= 60, false)
       OR coalesce(parts[3] !~ '^[0-9]{1,2}(\.[0-9]+)?$' OR parts[3]::float8 >= 60, false)
    THEN
        RETURN NULL;
    END IF;
    degrees := abs(parts[1]::float8) + coalesce(parts[2]::float8, 0) / 60
        + coalesce(parts[3]::float8, 0) / 3600;
    RETURN CASE WHEN parts[1] LIKE '-%' OR letters IN ('S', 'LS', 'W', 'B', 'BB')
                THEN -degrees ELSE degrees END;
END $$;
COMMENT ON FUNCTION proposals_degrees IS
    'Degrees from a cell with decimal comma, degrees-minutes-seconds or a hemisphere; else null';

CREATE FUNCTION proposals_split_title(cell text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    name text := btrim(upper(regexp_replace(cell, '[\s\u00a0]+', ' ', 'g')));
    before text := '';
    behind text := '';
    word CONSTANT text := '(?:(?:[A-Z]{1,4}\.)+ ?[A-Z]{0,6}\.?|SH|SE|ST|SP|SS|SPD|SPDI|SSOS|SKM|SAG|SKOM|SIP'
        '|SKEP|NERS|MM|MH|MT|MPD|MSI|BA|AMD)';
    part text[];
BEGIN
    LOOP
        part := regexp_match(name,
            '^(PROF|DRS|DRA|DR|IR|HJ|H|KH|KYAI|UST|USTADZ|USTADZAH|ALM|ALMH|ALMARHUM|ALMARHUMAH)'
            '(?:\.\s*|\s+)(\S.+)$');
        EXIT WHEN part IS NULL;
        before := before || ' ' || part[1] || '.';
        name := part[2];
    END LOOP;
    -- behind a comma: S.PD, AMD.KEB, SH; without one only what carries a dot, or is well known
    part := regexp_match(name, '^([^,]+?)\s*,\s*(' || word || '(?:[ ,]+' || word || ')*)$');
    IF part IS NULL THEN
        part := regexp_match(name, '^(.+?)\s+((?:S\.(?:PD|PDI|PD\.I|SOS|H|E|T|KOM|AG|IP|KEP|KM|HUT|P|SI)'
            '|M\.(?:PD|SI|M|H|KOM|AG)|A\.?MD(?:\.[A-Z]+)*|SPD|SSOS)\.?(?:\s*,.*)?)$');
    END IF;
    IF part IS NOT NULL THEN
        name := part[1];
        behind := ' ' || part[2];
    END IF;
    RETURN ARRAY[btrim(before || behind), name];
END $$;
COMMENT ON FUNCTION proposals_split_title IS 'Titles and name in capitals, one space between words';

CREATE FUNCTION proposals_region_name(cell text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(
        regexp_replace(upper(btrim(cell)),
            '^(PROVINSI|PROPINSI|PROV\.?|(KABUPATEN|KAB\.?|KOTA|KOTAMADYA)( ADMINISTRASI| ADM\.?)?'
            '|KECAMATAN|KEC\.?|KAPANEWON|KEMANTREN|DISTRIK|KELURAHAN|KEL\.?|KALURAHAN|DESA|DS\.?'
            '|NAGARI|GAMPONG)\s+', ''),
        '[^A-Z0-9]', '', 'g')
$$;
COMMENT ON FUNCTION proposals_region_name IS 'The bare name of a region, for comparing';
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0001_initial")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
