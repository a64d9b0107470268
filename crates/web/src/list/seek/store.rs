//! SQL of pages, counts, sums and exports of any list.

use db::{DbError, Row, Tx, Val};
use kernel::Id;

use super::{
    CHUNK_ROWS, COUNT_ROWS, Drive, FEW_ROWS, FIRST_WALK_ROWS, Found, Next, Plan, Reach, Table,
    WALK_ROWS,
};

/// Rows of one drive, and the last id it looked at when it did not reach the end.
struct Walked {
    rows: Vec<Row>,
    edge: Option<Id>,
}

/// How far one walk goes.
#[derive(Clone, Copy)]
struct Walk {
    before: Option<Id>,
    /// Rows to look at.
    look: u32,
    /// Rows to bring.
    bring: u32,
}

/// A page of at most `size` rows older than `before`, newest first.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn page(
    tx: &mut Tx<'_>,
    (table, plan): (&Table, &Plan),
    before: Option<Id>,
    size: u32,
) -> Result<Found, DbError> {
    let bring = size.saturating_add(1);
    let mut found = Found::default();
    for look in [FIRST_WALK_ROWS, WALK_ROWS] {
        let look = look.max(bring);
        let (rows, edge) = merged(tx, (table, plan), Walk { before, look, bring })?;
        let full = usize::try_from(size).unwrap_or(usize::MAX);
        found = Found { rows, next: edge.map_or(Next::End, Next::Further) };
        if found.rows.len() > full {
            found.rows.truncate(full);
            found.next = last_id(&found.rows)?.map_or(Next::End, Next::More);
            return Ok(found);
        }
        if edge.is_none() {
            return Ok(found);
        }
    }
    Ok(found)
}

/// The next rows of an export older than `before`, newest first, and where the chunk after it
/// begins. A chunk may be empty although others follow.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn chunk(
    tx: &mut Tx<'_>,
    (table, plan): (&Table, &Plan),
    before: Option<Id>,
) -> Result<(Vec<Row>, Option<Id>), DbError> {
    merged(tx, (table, plan), Walk { before, look: CHUNK_ROWS, bring: CHUNK_ROWS })
}

/// The drives' rows in one order without repetition, down to the first place where one of them
/// stopped looking.
fn merged(
    tx: &mut Tx<'_>,
    (table, plan): (&Table, &Plan),
    walk: Walk,
) -> Result<(Vec<Row>, Option<Id>), DbError> {
    let ways = plan.ways();
    let share = u32::try_from(ways.len()).unwrap_or(1).max(1);
    let walk = Walk { look: (walk.look / share).max(walk.bring), ..walk };
    let mut rows: Vec<(Id, Row)> = Vec::new();
    let mut edge: Option<Id> = None;
    for way in &ways {
        let walked = walked(tx, (table, plan), way, walk)?;
        edge = edge.max(walked.edge);
        for row in walked.rows {
            rows.push((row.get("id")?, row));
        }
    }
    if ways.len() > 1 {
        rows.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
        rows.dedup_by_key(|(id, _)| *id);
    }
    if let Some(edge) = edge {
        rows.retain(|(id, _)| *id >= edge);
    }
    Ok((rows.into_iter().map(|(_, row)| row).collect(), edge))
}

fn walked(
    tx: &mut Tx<'_>,
    (table, plan): (&Table, &Plan),
    way: &Drive,
    walk: Walk,
) -> Result<Walked, DbError> {
    let mut values = plan.values.clone();
    let mut inner = within(tx, (table, plan), way, &mut values)?;
    if let Some(before) = walk.before {
        values.push(before.into());
        inner.push_str(&format!(" AND id < ${}", values.len()));
    }
    let plain = plan.rest.is_empty();
    let look = if plain { walk.bring.min(walk.look) } else { walk.look };
    let (name, columns) = (table.name, table.columns);
    let inner = format!("FROM {name} {inner} ORDER BY id DESC LIMIT {look}");
    let rest = if plain { String::new() } else { format!("WHERE {}", plan.rest.join(" AND ")) };
    let sql = format!(
        "SELECT {columns} FROM (SELECT {columns} {inner}) met {rest} ORDER BY id DESC LIMIT {}",
        walk.bring
    );
    let rows = run(tx, &sql, &values)?;
    let edge = if rows.len() >= usize::try_from(walk.bring).unwrap_or(0) {
        last_id(&rows)?
    } else if plain {
        None
    } else {
        edge(tx, &inner, &values, look)?
    };
    Ok(Walked { rows, edge })
}

/// The last id a walk looked at; none when it came to the end before.
fn edge(tx: &mut Tx<'_>, inner: &str, values: &[Val], look: u32) -> Result<Option<Id>, DbError> {
    let sql = format!("SELECT COUNT(*) AS met FROM (SELECT id, merchant_id {inner}) met");
    let met: i64 = run(tx, &sql, values)?.first().map_or(Ok(0), |row| row.get("met"))?;
    if met < i64::from(look) {
        return Ok(None);
    }
    let sql = format!("SELECT id FROM (SELECT id, merchant_id {inner}) met ORDER BY id LIMIT 1");
    last_id(&run(tx, &sql, values)?)
}

/// Runs a statement with the values it uses, numbered anew: engines refuse values without a mark.
fn run(tx: &mut Tx<'_>, sql: &str, values: &[Val]) -> Result<Vec<Row>, DbError> {
    let mut text = String::with_capacity(sql.len());
    let mut used: Vec<usize> = Vec::new();
    let mut pieces = sql.split('$');
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = piece.split_at(digits);
        let number: usize = number.parse().unwrap_or_default();
        let place = used.iter().position(|one| *one == number).unwrap_or_else(|| {
            used.push(number);
            used.len().saturating_sub(1)
        });
        text.push_str(&format!("${}{tail}", place.saturating_add(1)));
    }
    let value = |number: &usize| values.get(number.saturating_sub(1)).cloned().unwrap_or(Val::Null);
    tx.query(&text, &used.iter().map(value).collect::<Vec<Val>>())
}

/// How many rows a walk would meet, up to `most`.
fn met(
    tx: &mut Tx<'_>,
    (table, plan): (&Table, &Plan),
    way: &Drive,
    most: u32,
) -> Result<i64, DbError> {
    let mut values = plan.values.clone();
    let inner = within(tx, (table, plan), way, &mut values)?;
    let name = table.name;
    let sql = format!(
        "SELECT COUNT(*) AS met FROM (SELECT merchant_id FROM {name} {inner} LIMIT {most}) few"
    );
    run(tx, &sql, &values)?.first().map_or(Ok(0), |row| row.get("met"))
}

/// The condition of a drive with the merchant's, the bounds and its reach.
fn within(
    tx: &mut Tx<'_>,
    (table, plan): (&Table, &Plan),
    way: &Drive,
    values: &mut Vec<Val>,
) -> Result<String, DbError> {
    let mut all = vec!["merchant_id = $1 AND mode = $2".to_owned()];
    if !way.on.is_empty() {
        all.push(format!("({})", way.on));
    }
    all.extend(plan.bounds.iter().cloned());
    if let Reach::Newest(rows) = way.reach
        && let Some(floor) = floor(tx, table, plan, rows)?
    {
        values.push(floor.into());
        all.push(format!("id >= ${}", values.len()));
    }
    Ok(format!("WHERE {}", all.join(" AND ")))
}

/// The id of the merchant's row that is `rows` from the newest; none when there are fewer.
fn floor(tx: &mut Tx<'_>, table: &Table, plan: &Plan, rows: u32) -> Result<Option<Id>, DbError> {
    let sql = format!(
        "SELECT id FROM (SELECT id FROM {} WHERE merchant_id = $1 AND mode = $2 \
         ORDER BY id DESC LIMIT {rows}) newest ORDER BY id LIMIT 1",
        table.name
    );
    let values: Vec<Val> = plan.values.iter().take(2).cloned().collect();
    last_id(&tx.query(&sql, &values)?)
}

/// How many rows a plan without a rest has, at most [`COUNT_ROWS`] and one.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn count(tx: &mut Tx<'_>, (table, plan): (&Table, &Plan)) -> Result<i64, DbError> {
    let most = COUNT_ROWS.saturating_add(1);
    let mut all: i64 = 0;
    for way in plan.ways() {
        all = all.saturating_add(met(tx, (table, plan), &way, most)?);
    }
    Ok(all.min(i64::from(most)))
}

/// Number and sums of everything the plan lets through, one row per currency with `met` and the
/// table's sums.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn sums(tx: &mut Tx<'_>, (table, plan): (&Table, &Plan)) -> Result<Vec<Row>, DbError> {
    if let Some(few) = few_sums(tx, (table, plan))? {
        return Ok(few);
    }
    let mut values = plan.values.clone();
    let any = on_each(tx, (table, plan), &mut values)?;
    let any = any.iter().map(|on| format!("({on})")).collect::<Vec<String>>().join(" OR ");
    add_up(tx, (table, plan), (&any, &values))
}

/// [`sums`] when few rows have to be looked at, else nothing: the caller asks on its own.
///
/// # Errors
/// [`DbError`] of the engine.
pub fn few_sums(
    tx: &mut Tx<'_>,
    (table, plan): (&Table, &Plan),
) -> Result<Option<Vec<Row>>, DbError> {
    let most = FEW_ROWS.saturating_add(1);
    let mut looked: i64 = 0;
    for way in plan.ways() {
        looked = looked.saturating_add(met(tx, (table, plan), &way, most)?);
        if looked > i64::from(FEW_ROWS) {
            return Ok(None);
        }
    }
    // The ids of each way first: a planner that reads "one way or another" walks the whole table.
    let mut values = plan.values.clone();
    let ids: Vec<String> = on_each(tx, (table, plan), &mut values)?
        .iter()
        .map(|on| {
            let name = table.name;
            format!("SELECT id FROM {name} WHERE merchant_id = $1 AND mode = $2 AND ({on})")
        })
        .collect();
    let any =
        if ids.is_empty() { String::new() } else { format!("id IN ({})", ids.join(" UNION ")) };
    add_up(tx, (table, plan), (&any, &values)).map(Some)
}

/// The condition of each drive with its reach; none when the whole table is meant.
fn on_each(
    tx: &mut Tx<'_>,
    (table, plan): (&Table, &Plan),
    values: &mut Vec<Val>,
) -> Result<Vec<String>, DbError> {
    let mut each = Vec::new();
    for way in plan.drives.iter().filter(|way| !way.on.is_empty()) {
        let floor = match way.reach {
            Reach::All => None,
            Reach::Newest(rows) => floor(tx, table, plan, rows)?,
        };
        each.push(match floor {
            Some(floor) => {
                values.push(floor.into());
                format!("({}) AND id >= ${}", way.on, values.len())
            }
            None => way.on.clone(),
        });
    }
    Ok(each)
}

fn add_up(
    tx: &mut Tx<'_>,
    (table, plan): (&Table, &Plan),
    (any, values): (&str, &[Val]),
) -> Result<Vec<Row>, DbError> {
    let mut all = vec!["merchant_id = $1 AND mode = $2".to_owned()];
    if !any.is_empty() {
        all.push(format!("({any})"));
    }
    all.extend(plan.bounds.iter().chain(&plan.rest).cloned());
    let sql = format!(
        "{} FROM {} met WHERE {} {BY_CURRENCY}",
        summed(table),
        table.name,
        all.join(" AND ")
    );
    run(tx, &sql, values)
}

const BY_CURRENCY: &str = "GROUP BY currency ORDER BY currency";

fn summed(table: &Table) -> String {
    let sums: Vec<String> =
        table.sums.iter().map(|sum| format!(", CAST(SUM({sum}) AS BIGINT) AS {sum}")).collect();
    format!("SELECT currency, COUNT(*) AS met{}", sums.concat())
}

fn last_id(rows: &[Row]) -> Result<Option<Id>, DbError> {
    rows.last().map(|row| row.get("id")).transpose()
}
