"""Dates with the name of their month, as officers write them: `3 Januari 1970`, `03-Agu-1970`."""

from django.db import migrations

DATE = r"""
CREATE OR REPLACE FUNCTION proposals_written_date(cell text) RETURNS text
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
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0022_header_line")]

    operations = [migrations.RunSQL(DATE, migrations.RunSQL.noop)]
