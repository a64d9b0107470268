//! What an action would do to what was ticked, doing it, and `/lots`: what became of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form as Body, FromRef, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use db::{DbError, Route, Tx};
use http::Words;
use kernel::{AuditId, Id, JobId, Scope, format};
use web::address::decoded;
use web::forms::{self, Submit};
use web::list::view::{self as shown, Bulk};
use web::tasks::{self, Owner};
use web::{Context, Form};

use super::list::{self, filter};
use super::model::{About, Asker, Deed, Line, Lot, Outcome, Outlook};
use super::view::{self, PreviewPage, ResultPage};
use super::{Lots, MAX_LINES, MAX_REASON_CHARACTERS, store, work};
use crate::audit;
use crate::clocks::ops::merchant_now;
use crate::extract::Staff;
use crate::extract::api::internal;
use crate::extract::needs::Known;
use crate::lists::pages::{self as lists, missing};
use crate::runs::{self, Kind, NewRun};

/// What the pages of one action work with.
#[derive(Clone)]
pub struct Door {
    ctx: Context,
    deed: Arc<dyn Deed>,
}

impl Door {
    /// The pages of an action.
    #[must_use]
    pub fn of(ctx: &Context, deed: impl Deed) -> Self {
        Self { ctx: ctx.clone(), deed: Arc::new(deed) }
    }
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Door({})", self.deed.about().name)
    }
}

impl FromRef<Door> for Context {
    fn from_ref(door: &Door) -> Self {
        door.ctx.clone()
    }
}

impl FromRef<Lots> for Context {
    fn from_ref(lots: &Lots) -> Self {
        lots.ctx.clone()
    }
}

impl Lots {
    /// The pages of results.
    pub fn routes(&self) -> Router {
        Router::new()
            .route("/lots/export", get(export).post(ask_export))
            .route("/lots/{id}", get(result))
            .with_state(self.clone())
    }
}

type Answer = Result<Response, Response>;
type Pairs = Vec<(String, String)>;

fn failed(error: DbError) -> Response {
    internal(error).into_response()
}

/// What was ticked, and the filter of the list it was ticked on.
#[derive(Debug, Clone, Default)]
struct Ticked {
    ids: Vec<Id>,
    filter: String,
    fields: BTreeMap<String, String>,
}

impl Ticked {
    fn of(about: &About, pairs: Pairs) -> Self {
        let mut ticked = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "id" => {
                    let id = about.thing(&value).filter(|id| !ticked.ids.contains(id));
                    ticked.ids.extend(id.filter(|_| ticked.ids.len() < MAX_LINES));
                }
                "filtre" => ticked.filter = value.chars().filter(|c| !c.is_control()).collect(),
                _ => drop(ticked.fields.insert(name, value)),
            }
        }
        ticked
    }

    fn query(about: &About, uri: &Uri) -> Self {
        let pairs = uri.query().unwrap_or_default().split('&').filter_map(|p| p.split_once('='));
        Self::of(about, pairs.map(|(name, value)| (decoded(name), decoded(value))).collect())
    }

    fn back(&self, list: &str) -> String {
        let joint = if self.filter.is_empty() { "" } else { "?" };
        format!("{list}{joint}{}", self.filter)
    }

    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |value| value.trim())
    }
}

fn look(tx: &mut Tx<'_>, deed: &dyn Deed, asker: &Asker, ids: &[Id]) -> Result<Outlook, DbError> {
    Ok(Outlook::of(&deed.about(), &asker.words, deed.look(tx, asker, ids)?))
}

fn asker(about: &About, staff: &Staff<Known>) -> Asker {
    Asker {
        scope: staff.scope.clone(),
        ceiling: about.ceiling.and_then(|right| staff.ceiling(right)),
        words: Arc::clone(&staff.words),
    }
}

/// What a person may do to the rows he ticks.
#[must_use]
pub fn bulk(words: &Words, scope: &Scope, all: impl IntoIterator<Item = About>) -> Vec<Bulk> {
    let may = all.into_iter().filter(|about| scope.may(about.right));
    may.map(|about| Bulk { words: words.say(about.key), href: about.path }).collect()
}

/// The page before a lot, for the rows that the address names.
///
/// # Errors
/// An answer that says what failed.
pub async fn ask(State(door): State<Door>, staff: Staff<Known>, uri: Uri) -> Answer {
    staff.must(&door.ctx, door.deed.about().right).await?;
    let ticked = Ticked::query(&door.deed.about(), &uri);
    question(&door, &staff, &ticked, Form::default()).await
}

/// The page before a lot, as things stand.
async fn question(door: &Door, staff: &Staff<Known>, ticked: &Ticked, form: Form) -> Answer {
    let about = door.deed.about();
    let (deed, asker, ids) = (Arc::clone(&door.deed), asker(&about, staff), ticked.ids.clone());
    let read = move |tx: &mut Tx<'_>| look(tx, deed.as_ref(), &asker, &ids);
    let outlook = door.ctx.db.read(read).await.map_err(failed)?;
    let (words, key) = (&staff.words, about.key);
    let again = view::typed_total(&about, &outlook);
    let mut hidden = vec![
        (forms::TOKEN_FIELD, forms::new_token(door.ctx.rng.as_ref())),
        ("filtre", ticked.filter.clone()),
        ("vu", outlook.digest()),
    ];
    hidden.extend(outlook.chosen.iter().map(|one| ("id", about.id(one.thing))));
    let line = |one| view::chosen(words, &about, one);
    let page = staff.page(&door.ctx, words.say(&format!("{key}-title")));
    let status = if form.is_right() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = PreviewPage {
        page: form.mark(page),
        shell: staff.shell.clone(),
        action: about.path,
        back: ticked.back(about.list),
        facts: view::facts(words, &outlook),
        amount: view::amount(words, &about),
        going: outlook.going().map(line).collect(),
        left_out: outlook.left_out().map(line).collect(),
        consequence: words.say(&format!("{key}-what")),
        again_hint: again.map_or_else(String::new, |total| {
            let total = format::number(total, words.locale());
            words.with("lot-again-hint", &[("amount", &total)])
        }),
        asks_reason: about.reason,
        tone: if about.danger { "danger" } else { "primary" },
        button: words.count(&format!("{key}-do"), outlook.count()),
        hidden,
        form,
    };
    Ok(http::html_with(status, &page))
}

/// Why nothing was stored.
enum NotDone {
    /// This field is wrong, with this message.
    Fault(&'static str, &'static str),
    /// The database failed.
    Db(DbError),
}

impl From<DbError> for NotDone {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// Stores the lot that the page before it showed, with its run.
///
/// # Errors
/// An answer that says what failed.
pub async fn start(
    State(door): State<Door>,
    staff: Staff<Known>,
    Body(pairs): Body<Pairs>,
) -> Answer {
    staff.must(&door.ctx, door.deed.about().right).await?;
    let ticked = Ticked::of(&door.deed.about(), pairs);
    let mut form = Form::with_values(&ticked.fields);
    let reason = ticked.field("reason");
    if kernel::card_text::holds_card_number(reason) {
        form.fault("reason", staff.words.say("lot-no-number-here"));
    }
    if reason.chars().count() > MAX_REASON_CHARACTERS {
        form.fault("reason", staff.words.say("lot-reason-long"));
    }
    if ticked.field(forms::TOKEN_FIELD).is_empty() {
        form.fault("form", staff.words.say("form-token-missing"));
    }
    if !form.is_right() {
        return question(&door, &staff, &ticked, form).await;
    }
    let asked = Asked::of(&door, &staff, ticked.clone());
    let (route, ctx) = (Route::of(asked.lot.id.id()), door.ctx.clone());
    let unit = move |tx: &mut Tx<'_>| asked.store(tx, &ctx);
    match door.ctx.db.write(route, unit).await {
        Ok(location) => Ok(http::redirect(&location)),
        Err(NotDone::Db(error)) => Err(failed(error)),
        Err(NotDone::Fault(field, key)) => {
            form.fault(field, staff.words.say(key));
            question(&door, &staff, &ticked, form).await
        }
    }
}

/// A submit that is right by itself.
struct Asked {
    deed: Arc<dyn Deed>,
    asker: Asker,
    lot: Lot,
    ticked: Ticked,
    run: NewRun,
    line: audit::Line,
    line_id: AuditId,
}

impl Asked {
    fn of(door: &Door, staff: &Staff<Known>, ticked: Ticked) -> Self {
        let (about, rng) = (door.deed.about(), door.ctx.rng.as_ref());
        // Whoever knows the address of a run must not guess another.
        let id = JobId::random(rng);
        let reason = ticked.field("reason");
        let kind = Kind::Errand { name: work::NAME.into(), result: path(id) };
        let title = staff.words.say(&format!("{}-title", about.key));
        Self {
            deed: Arc::clone(&door.deed),
            asker: asker(&about, staff),
            lot: Lot {
                id,
                user: staff.user.id,
                deed: about.name.into(),
                reason: (!reason.is_empty()).then(|| reason.to_owned()),
                origin: staff.origin.clone(),
            },
            run: NewRun::errand(id, about.right, kind, (title, 0)),
            line: staff.line(about.audit, id),
            line_id: AuditId::new(door.ctx.real_now(), rng),
            ticked,
        }
    }

    /// Stores the lot with its run, unless it is not what the page showed; gives the page that
    /// follows.
    fn store(&self, tx: &mut Tx<'_>, ctx: &Context) -> Result<String, NotDone> {
        let (about, now) = (self.deed.about(), ctx.real_now());
        let (scope, token) = (&self.asker.scope, self.ticked.field(forms::TOKEN_FIELD));
        let there = runs::path(self.lot.id);
        match forms::begin(tx, scope, about.path, token, now)? {
            Submit::First => {}
            Submit::Again(location) => return Ok(location),
            Submit::Running => return Ok("/traitements".into()),
        }
        let outlook = look(tx, self.deed.as_ref(), &self.asker, &self.ticked.ids)?;
        if let Some((field, key)) = self.fault(&about, &outlook) {
            return Err(NotDone::Fault(field, key));
        }
        forms::finish(tx, scope, about.path, token, &there)?;
        store::insert(tx, scope, &self.lot, outlook.going(), now)?;
        let run = NewRun { total: Some(outlook.count()), ..self.run.clone() };
        runs::store::insert(tx, scope, &run, now)?;
        let after = serde_json::json!({
            "action": about.name,
            "lines": outlook.count(),
            "total": outlook.total().map(|total| total.minor()),
            "reason": self.lot.reason,
        });
        audit::record(tx, scope, &self.line.clone().after(after), now, self.line_id)?;
        Ok(there)
    }

    fn fault(&self, about: &About, outlook: &Outlook) -> Option<(&'static str, &'static str)> {
        if outlook.count() == 0 {
            return Some(("form", "lot-nothing"));
        }
        if outlook.digest() != self.ticked.field("vu") {
            return Some(("form", "lot-changed"));
        }
        let typed = self.ticked.field("again");
        let wrong = view::typed_total(about, outlook)
            .is_some_and(|total| format::parse_amount(typed, total.currency()) != Ok(total));
        wrong.then_some(("again", "lot-again-fault"))
    }
}

/// The page of the results of a lot.
fn path(id: JobId) -> String {
    format!("{}/{id}", list::PATH)
}

/// A lot as its page shows it.
type Seen = (Arc<dyn Deed>, Vec<(Line, Outcome)>, u64);

async fn result(
    State(lots): State<Lots>,
    mut staff: Staff<Known>,
    Path(id): Path<String>,
) -> Answer {
    let id: JobId = id.parse().map_err(|_| missing(&staff))?;
    let (scope, own, words) = (staff.scope.clone(), lots.clone(), Arc::clone(&staff.words));
    let look = move |tx: &mut Tx<'_>| seen(tx, &own, (&scope, &words), id);
    let found = lots.ctx.db.write(Route::of(id.id()), look).await.map_err(failed)?;
    let (deed, lines, ended) = found.ok_or_else(|| missing(&staff))?;
    staff.tasks_ended(ended);
    let (about, words) = (deed.about(), &staff.words);
    let may_export = staff.scope.may(about.export);
    Ok(http::html(&ResultPage {
        page: staff.page(&lots.ctx, words.say(&format!("{}-title", about.key))),
        shell: staff.shell.clone(),
        back: about.list,
        run: runs::path(id),
        facts: view::tally(words, &lines),
        amount: view::amount(words, &about),
        lines: lines.iter().map(|line| view::ended(words, &about, line)).collect(),
        filter: filter(id),
        formats: if may_export { shown::formats(words, "") } else { Vec::new() },
    }))
}

/// The lot, for who asked for it while he may still read it; the tasks about it end.
fn seen(
    tx: &mut Tx<'_>,
    lots: &Lots,
    (scope, words): (&Scope, &Words),
    id: JobId,
) -> Result<Option<Seen>, DbError> {
    let Some(lot) = list::own(tx, scope, id)? else { return Ok(None) };
    let deed = lots.deed(&lot.deed)?;
    if !scope.may(deed.about().view) {
        return Ok(None);
    }
    let now = merchant_now(tx, &lots.ctx, scope)?;
    let mut ended = 0_u64;
    for kind in [tasks::ERRAND_DONE, tasks::ERRAND_FAILED] {
        let about = (kind, &*id.to_string());
        ended = ended.saturating_add(tasks::settle(tx, Owner::from(scope), about, now)?);
    }
    let lines = list::ended(tx, scope, (deed.as_ref(), words), id)?;
    Ok(Some((deed, lines, ended)))
}

async fn export(State(lots): State<Lots>, staff: Staff<Known>, uri: Uri) -> Answer {
    let query = uri.query().unwrap_or_default();
    let results = lots.results(&staff.scope, query).await.map_err(failed)?;
    let results = results.ok_or_else(|| missing(&staff))?;
    lists::export((&lots.ctx, &results), &staff, query).await
}

async fn ask_export(
    State(lots): State<Lots>,
    staff: Staff<Known>,
    Body(fields): Body<BTreeMap<String, String>>,
) -> Answer {
    let query = fields.get("filtre").map_or("", String::as_str);
    let results = lots.results(&staff.scope, query).await.map_err(failed)?;
    let results = results.ok_or_else(|| missing(&staff))?;
    lists::ask_export((&lots.ctx, &results), &staff, &fields).await
}
