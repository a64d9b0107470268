//! `/cartes/virtuelles/encaisser`: what the ticked cards would be charged, charging them, what
//! became of it.

use askama::Template;
use axum::Router;
use axum::extract::{Form as Body, Path, State};
use axum::http::{StatusCode, Uri};
use axum::routing::get;
use db::{DbError, Route, Tx};
use http::Page;
use identity::audit;
use identity::extract::{Staff, needs};
use identity::runs::{self, Kind, NewRun};
use kernel::{AuditId, CardToken, JobId, Money, Right, Scope, ShopId, format};
use web::Form;
use web::forms::{self, Submit};
use web::shell::Shell;

use super::store::{self, Ended, Lot};
use super::{MAX_LINES, work};
use crate::checkout::links::decoded;
use crate::desk::words as desk;
use crate::engine::Engine;
use crate::virtual_cards::board::{self, Entry};
use crate::virtual_cards::pages::{Answer, Desk, failed, missing};
use crate::virtual_cards::view::{Look, RowView};

const HERE: &str = "/cartes/virtuelles/encaisser";

#[derive(Template)]
#[template(path = "virtual_cards/templates/virtual-lot.html")]
struct PreviewPage {
    page: Page,
    shell: Shell,
    form: Form,
    facts: Vec<(String, String)>,
    going: Vec<RowView>,
    left_out: Vec<RowView>,
    button: String,
    hidden: Vec<(&'static str, String)>,
}

struct LineView {
    href: String,
    number: String,
    amount: String,
    outcome: String,
}

#[derive(Template)]
#[template(path = "virtual_cards/templates/virtual-lot-result.html")]
struct ResultPage {
    page: Page,
    shell: Shell,
    run: String,
    lines: Vec<LineView>,
}

/// The pages of lots.
pub(in crate::virtual_cards) fn routes() -> Router<Desk> {
    Router::new()
        .route("/cartes/virtuelles/encaisser", get(ask).post(start))
        .route("/cartes/virtuelles/lots/{id}", get(result))
}

/// The cards that were ticked.
fn ticked<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<CardToken> {
    let mut all: Vec<CardToken> = Vec::new();
    for (_, value) in pairs.filter(|(name, _)| *name == "id") {
        let id = value.parse().ok().filter(|id| !all.contains(id) && all.len() < MAX_LINES);
        all.extend(id);
    }
    all
}

/// What would be charged, as things stand.
#[derive(Debug, Clone, Default)]
struct Outlook {
    going: Vec<(Entry, Money)>,
    left_out: Vec<Entry>,
}

impl Outlook {
    /// Cards in the currency of the first, up to what a person may charge at once.
    fn of(chosen: Vec<Entry>, ceiling: Option<i64>) -> Self {
        let mut outlook = Self::default();
        for entry in chosen {
            let known = entry.offer.filter(|_| entry.shut.is_none() && entry.left().is_some());
            let first = outlook.going.first().map(|(_, amount)| amount.currency());
            let fits = |amount: &Money| {
                first.is_none_or(|first| first == amount.currency())
                    && ceiling.is_none_or(|most| amount.minor() <= most)
            };
            match known.filter(fits) {
                Some(amount) => outlook.going.push((entry, amount)),
                None => outlook.left_out.push(entry),
            }
        }
        outlook
    }

    fn total(&self) -> Option<Money> {
        let mut amounts = self.going.iter().map(|(_, amount)| *amount);
        let first = amounts.next()?;
        amounts.try_fold(first, |sum, amount| sum.plus(amount).ok())
    }

    fn lines(&self) -> Vec<(CardToken, Money)> {
        self.going.iter().map(|(entry, amount)| (entry.seen.card.card, *amount)).collect()
    }

    /// What the button was shown to do; another word when something changed.
    fn digest(&self) -> String {
        format!("{:016x}", identity::lists::digest_of(&self.lines()))
    }
}

fn look(
    tx: &mut Tx<'_>,
    engine: &Engine,
    (scope, shop): (&Scope, ShopId),
    (ids, ceiling): (&[CardToken], Option<i64>),
) -> Result<Outlook, DbError> {
    let pen = engine.pen(scope, shop);
    let mut chosen = Vec::new();
    for id in ids {
        chosen.extend(board::entry(tx, &pen, *id)?);
    }
    Ok(Outlook::of(chosen, ceiling))
}

async fn ask(State(desk): State<Desk>, staff: Staff<needs::CardUse>, uri: Uri) -> Answer {
    let pairs = uri.query().unwrap_or_default().split('&').filter_map(|p| p.split_once('='));
    let pairs: Vec<(String, String)> = pairs.map(|(n, v)| (decoded(n), decoded(v))).collect();
    let ids = ticked(pairs.iter().map(|(name, value)| (&**name, &**value)));
    question(&desk, &staff, ids, Form::default()).await
}

async fn question(
    desk: &Desk,
    staff: &Staff<needs::CardUse>,
    ids: Vec<CardToken>,
    form: Form,
) -> Answer {
    let shop = desk.shop(staff).await?;
    let (engine, scope) = (desk.engine.clone(), staff.scope.clone());
    let ceiling = staff.ceiling(Right::PaymentsCreate);
    let read = move |tx: &mut Tx<'_>| look(tx, &engine, (&scope, shop), (&ids, ceiling));
    let outlook = desk.engine.ctx.db.read(read).await.map_err(|error| failed(staff, &error))?;
    let (words, view) = (&staff.words, desk.look(staff, shop));
    let count = i64::try_from(outlook.going.len()).unwrap_or(i64::MAX);
    let mut facts = vec![(words.say("lot-count"), format::count(count, words.locale()))];
    if let Some(total) = outlook.total() {
        facts.push((words.say("lot-total"), format::money(total, words.locale())));
    }
    let mut hidden = vec![
        (forms::TOKEN_FIELD, forms::new_token(desk.engine.ctx.rng.as_ref())),
        ("vu", outlook.digest()),
    ];
    hidden.extend(outlook.lines().iter().map(|(card, _)| ("id", card.to_string())));
    let page = staff.page(&desk.engine.ctx, words.say("vcc-lot-title"));
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = PreviewPage {
        page: if form.is_right() { page } else { page.faulty() },
        shell: staff.shell.clone(),
        facts,
        going: outlook.going.iter().map(|(entry, _)| view.row(entry)).collect(),
        left_out: outlook.left_out.iter().map(|entry| left_out(&view, entry)).collect(),
        button: words.count("vcc-lot-do", count),
        hidden,
        form,
    };
    Ok(http::html_with(status, &shown))
}

fn left_out(view: &Look<'_>, entry: &Entry) -> RowView {
    let mut row = view.row(entry);
    if row.act.why.is_empty() {
        row.act.why = view.words.say("vcc-lot-one-by-one");
    }
    row
}

/// Why nothing was stored.
enum NotDone {
    /// The page is shown again with this sentence.
    Fault(&'static str),
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for NotDone {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

async fn start(
    State(desk): State<Desk>,
    staff: Staff<needs::CardUse>,
    Body(pairs): Body<Vec<(String, String)>>,
) -> Answer {
    let shop = desk.shop(&staff).await?;
    let ids = ticked(pairs.iter().map(|(name, value)| (&**name, &**value)));
    let field = |name: &str| {
        let found = pairs.iter().find(|(one, _)| one == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let (token, seen) = (field(forms::TOKEN_FIELD), field("vu"));
    let mut form = Form::default();
    if token.is_empty() {
        form.fault("form", staff.words.say("form-token-missing"));
        return question(&desk, &staff, ids, form).await;
    }
    // Whoever knows the address of a run must not guess another.
    let id = JobId::random(desk.engine.ctx.rng.as_ref());
    let lot = Lot { id, shop, user: staff.user.id, origin: staff.origin.clone() };
    let (engine, scope, asked) = (desk.engine.clone(), staff.scope.clone(), ids.clone());
    let (ceiling, title) = (staff.ceiling(Right::PaymentsCreate), staff.words.say("vcc-lot-title"));
    let line = staff.line("card.virtual_lot", id);
    let line_id = AuditId::new(engine.ctx.real_now(), engine.ctx.rng.as_ref());
    let unit = move |tx: &mut Tx<'_>| {
        let now = engine.ctx.real_now();
        match forms::begin(tx, &scope, HERE, &token, now)? {
            Submit::First => {}
            Submit::Again(location) => return Ok(location),
            Submit::Running => return Ok("/traitements".into()),
        }
        let outlook = look(tx, &engine, (&scope, shop), (&asked, ceiling))?;
        let lines = outlook.lines();
        if lines.is_empty() {
            return Err(NotDone::Fault("vcc-lot-nothing"));
        }
        if outlook.digest() != seen {
            return Err(NotDone::Fault("vcc-lot-changed"));
        }
        let there = runs::path(id);
        forms::finish(tx, &scope, HERE, &token, &there)?;
        store::insert(tx, &scope, (&lot, &lines), now)?;
        let result = format!("/cartes/virtuelles/lots/{id}");
        let kind = Kind::Errand { name: work::NAME.into(), result };
        let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        let run = NewRun::errand(id, Right::CardUse, kind, (title.clone(), count));
        runs::store::insert(tx, &scope, &run, now)?;
        let total = outlook.total().map(|total| total.minor());
        let after = serde_json::json!({ "lines": count, "total": total });
        audit::record(tx, &scope, &line.clone().after(after), now, line_id)?;
        Ok(there)
    };
    match desk.engine.ctx.db.write(Route::of(id.id()), unit).await {
        Ok(location) => Ok(http::redirect(&location)),
        Err(NotDone::Db(error)) => Err(failed(&staff, &error)),
        Err(NotDone::Fault(key)) => {
            form.fault("form", staff.words.say(key));
            question(&desk, &staff, ids, form).await
        }
    }
}

async fn result(
    State(desk): State<Desk>,
    staff: Staff<needs::CardView>,
    Path(id): Path<String>,
) -> Answer {
    let id: JobId = id.parse().map_err(|_| missing(&staff))?;
    let (scope, user) = (staff.scope.clone(), staff.user.id);
    let read = move |tx: &mut Tx<'_>| {
        let lot = store::find(tx, &scope, id)?.filter(|lot| lot.user == user);
        lot.map(|_| store::ended(tx, &scope, id)).transpose()
    };
    let found = desk.engine.ctx.db.read::<_, DbError, _>(read).await;
    let lines = found.map_err(|error| failed(&staff, &error))?.ok_or_else(|| missing(&staff))?;
    let words = &staff.words;
    let line = |ended: &Ended| LineView {
        href: match ended.payment {
            Some((payment, _)) => format!("/caisse/{payment}"),
            None => format!("/cartes/{}", ended.card),
        },
        number: ended.masked.clone(),
        amount: format::money(ended.amount, words.locale()),
        outcome: match ended.payment {
            Some((_, status)) => desk::chip(words, status).word,
            None if ended.why.is_empty() => words.say("lot-waiting"),
            None => words.say(&format!("vcc-lot-why-{}", ended.why.replace('_', "-"))),
        },
    };
    Ok(http::html(&ResultPage {
        page: staff.page(&desk.engine.ctx, words.say("vcc-lot-title")),
        shell: staff.shell.clone(),
        run: runs::path(id),
        lines: lines.iter().map(line).collect(),
    }))
}
