//! The permission of back-office pages: a session behind a cookie.

use std::marker::PhantomData;
use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use db::{DbError, Route};
use http::{Page, Words};
use kernel::{AuditId, Mode, Right, Scope};
use web::shell::{Person, Shell, posted_from};
use web::{Context, MenuEntry};

use super::api::{internal, origin};
use super::needs::Need;
use crate::audit::{self, Line, Origin};
use crate::merchants::Merchant;
use crate::sessions::ops::{self, Current};
use crate::sessions::{Session, store};
use crate::users::User;
use crate::users::model::Powers;
use crate::{secrets, users};

const COOKIE: &str = "guichet";
const COOKIE_BOUND_TO_HOST: &str = "__Host-guichet";

/// The whole menu of the back office, put on the routes by `app` as an extension.
#[derive(Debug, Clone, Default)]
pub struct Menu(pub Arc<[MenuEntry]>);

/// A signed-in person with the right `R`.
#[derive(Debug, Clone)]
pub struct Staff<R> {
    /// The proof for every store function.
    pub scope: Scope,
    /// The person.
    pub user: User,
    /// Whose pages he sees.
    pub merchant: Merchant,
    /// His roles, rights and ceilings.
    pub powers: Powers,
    /// The session.
    pub session: Session,
    /// From where, for the journal.
    pub origin: Origin,
    /// Words of his language, or of `?lang=`.
    pub words: Arc<Words>,
    /// What the frame shows of him.
    pub person: Person,
    /// The frame, with the menu he may use.
    pub shell: Shell,
    /// Path and query of the page, without its language.
    pub here: String,
    right: PhantomData<R>,
}

impl<R> Staff<R> {
    /// The page with its title, band and language menu.
    #[must_use]
    pub fn page(&self, ctx: &Context, title: impl Into<String>) -> Page {
        web::shell::page(ctx, Arc::clone(&self.words), title, &self.person, &self.here)
    }

    /// The most he may move in one operation under a right, in minor units; none is no limit.
    #[must_use]
    pub fn ceiling(&self, right: Right) -> Option<i64> {
        self.powers.ceiling(right)
    }

    /// The head counts fewer tasks: this page has ended them.
    pub fn tasks_ended(&mut self, ended: u64) {
        let ended = i64::try_from(ended).unwrap_or(i64::MAX);
        self.person.tasks = self.person.tasks.saturating_sub(ended).max(0);
        self.shell.count_tasks(&self.words, &self.person);
    }

    /// A line of the journal about an object.
    #[must_use]
    pub fn line(&self, action: &'static str, object: impl std::fmt::Display) -> Line {
        Line::new(action, object, &self.origin)
    }
}

impl<R: Need, S: Send + Sync> FromRequestParts<S> for Staff<R>
where
    Context: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let ctx = Context::from_ref(state);
        let shown = cookie(&ctx, &parts.headers);
        let current = match &shown {
            Some(token) => find(&ctx, token, Presence::of(&parts.headers))
                .await
                .map_err(|e| internal(e).into_response())?,
            None => None,
        };
        let Some(current) = current else {
            return Err(http::redirect(&sign_in_path(&parts.method, &parts.uri, shown.as_deref())));
        };
        let staff = Self::new(&ctx, parts, current);
        staff.remember_language(&ctx).await.map_err(|e| internal(e).into_response())?;
        let from = posted_from(&parts.uri).filter(|_| parts.method == Method::POST);
        if from.is_some_and(|mode| mode != staff.session.mode) {
            return Err(staff.turned(&ctx));
        }
        match R::RIGHT.filter(|right| !staff.scope.may(*right)) {
            Some(right) => Err(staff.refuse(&ctx, right).await),
            None => Ok(staff),
        }
    }
}

impl<R> Staff<R> {
    fn new(ctx: &Context, parts: &Parts, current: Current) -> Self {
        let Current { session, user, merchant, powers, scope, logo, tasks, twin } = current;
        let words = match web::language::asked(&parts.uri) {
            Some(_) => web::language::choose_staff(ctx, &parts.uri, &parts.headers),
            None => ctx.words(user.locale),
        };
        let roles: Vec<String> = powers.roles.iter().map(|name| role_label(&words, name)).collect();
        let person = Person {
            merchant: merchant.name.clone(),
            logo,
            name: user.name.clone(),
            role: roles.join(", "),
            rights: powers.rights.clone(),
            mode: session.mode,
            tasks,
            twin,
        };
        let menu = parts.extensions.get::<Menu>().cloned().unwrap_or_default();
        let shell = Shell::new(&words, &menu.0, &person, parts.uri.path());
        let origin =
            Origin { role: powers.roles.join(","), ..origin(&parts.headers, &parts.extensions) };
        let here = without_language(&parts.uri);
        let right = PhantomData;
        Self { scope, user, merchant, powers, session, origin, words, person, shell, here, right }
    }

    /// The language of the menu, once chosen, is that of all later pages and on every device.
    async fn remember_language(&self, ctx: &Context) -> Result<(), DbError> {
        let (id, chosen) = (self.user.id, self.words.locale());
        if chosen == self.user.locale {
            return Ok(());
        }
        let route = Route::of(id.id());
        ctx.db.write(route, move |tx| users::store::set_locale(tx, id, chosen)).await
    }

    /// 409: the form belongs to the other mode, which another tab has left meanwhile.
    fn turned(&self, ctx: &Context) -> Response {
        let page = Turned {
            page: self.page(ctx, self.words.say("turned-title")),
            shell: self.shell.clone(),
            text: self.words.say(match self.session.mode {
                Mode::Live => "turned-live",
                Mode::Test => "turned-test",
            }),
        };
        http::html_with(StatusCode::CONFLICT, &page)
    }

    /// For what only the page itself knows to need.
    ///
    /// # Errors
    /// The page that says which right is missing.
    pub(crate) async fn must(&self, ctx: &Context, right: Right) -> Result<(), Response> {
        if self.scope.may(right) { Ok(()) } else { Err(self.refuse(ctx, right).await) }
    }

    /// 403 that names the right and who can grant it; leaves a line in the journal.
    async fn refuse(&self, ctx: &Context, right: Right) -> Response {
        let (scope, now) = (self.scope.clone(), ctx.real_now());
        let line = self.line("access.refused", self.user.id).after(right.as_str());
        let id = AuditId::new(now, ctx.rng.as_ref());
        let merchant = self.merchant.id;
        let noted = ctx.db.write(Route::any(), move |tx| {
            audit::record(tx, &scope, &line, now, id)?;
            users::store::grantors(tx, merchant)
        });
        let grantors = match noted.await {
            Ok(names) => names,
            Err(error) => return internal(error).into_response(),
        };
        let page = Denied {
            page: self.page(ctx, self.words.say("access-denied-title")),
            shell: self.shell.clone(),
            text: self.words.with(
                "access-denied",
                &[("right", right.as_str()), ("label", &right_label(&self.words, right))],
            ),
            ask: self.words.with("access-ask", &[("names", &grantors.join(", "))]),
        };
        http::html_with(StatusCode::FORBIDDEN, &page)
    }
}

#[derive(Template)]
#[template(path = "extract/templates/denied.html")]
struct Denied {
    page: Page,
    shell: Shell,
    text: String,
    ask: String,
}

#[derive(Template)]
#[template(path = "extract/templates/turned.html")]
struct Turned {
    page: Page,
    shell: Shell,
    text: String,
}

/// Whether a request shows that somebody sits there: what a script asks by itself does not, so
/// that an open page does not keep a session alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Person,
    Script,
}

impl Presence {
    fn of(headers: &HeaderMap) -> Self {
        let asked_by_script = headers.get("sec-fetch-dest").is_some_and(|dest| dest == "empty");
        if asked_by_script { Self::Script } else { Self::Person }
    }
}

/// Who is behind a cookie; notes the request when the last note is old.
async fn find(ctx: &Context, token: &str, presence: Presence) -> Result<Option<Current>, DbError> {
    let (id_hash, now) = (secrets::hash(token), ctx.real_now());
    let current = ctx.db.read(move |tx| ops::current(tx, id_hash, now)).await?;
    let stale = current.as_ref().is_some_and(|current| current.session.seen_is_stale(now));
    if presence == Presence::Person && stale {
        ctx.db.write(Route::any(), move |tx| store::note_seen(tx, id_hash, now)).await?;
    }
    Ok(current)
}

/// The session id that the browser sent.
pub(crate) fn cookie(ctx: &Context, headers: &HeaderMap) -> Option<String> {
    let name = cookie_name(ctx);
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|p| p.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// Bound to the host under HTTPS; a plain name on plain-HTTP loopback, where browsers refuse the
/// prefix.
pub(crate) fn cookie_name(ctx: &Context) -> &'static str {
    if is_https(ctx) { COOKIE_BOUND_TO_HOST } else { COOKIE }
}

/// Whether browsers reach us over HTTPS.
pub(crate) fn is_https(ctx: &Context) -> bool {
    ctx.urls.app.starts_with("https://")
}

/// A role in words; a role that the merchant named himself has its own name.
pub(crate) fn role_label(words: &Words, name: &str) -> String {
    let key = format!("role-{}", name.replace('_', "-"));
    if words.has(&key) { words.say(&key) } else { name.to_owned() }
}

/// A right in words.
#[must_use]
pub fn right_label(words: &Words, right: Right) -> String {
    words.say(&format!("right-{}", right.as_str().replace(['.', '_'], "-")))
}

/// The sign-in page that leads back here; who showed a session that is over is told so.
fn sign_in_path(method: &Method, uri: &Uri, old_session: Option<&str>) -> String {
    let reason = old_session.map_or("", |_| "&motif=fin");
    let wanted = if matches!(*method, Method::GET | Method::HEAD) {
        uri.path_and_query().map_or("/", |path| path.as_str())
    } else {
        "/"
    };
    format!("/connexion?next={}{reason}", encode(wanted))
}

/// Percent-encoding of a value in a query (RFC 3986).
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn without_language(uri: &Uri) -> String {
    let kept: Vec<&str> = uri
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'))
        .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="))
        .collect();
    if kept.is_empty() {
        uri.path().to_owned()
    } else {
        format!("{}?{}", uri.path(), kept.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u_09_every_right_has_words() {
        let files: Vec<&[http::words::Messages]> =
            crate::SLICES.iter().map(|slice| slice.messages).collect();
        let catalogue = http::Catalogue::new(&files).unwrap();
        for locale in [kernel::Locale::Fr, kernel::Locale::En] {
            for right in Right::ALL {
                let label = right_label(&catalogue.words(locale), *right);
                assert!(!label.starts_with('['), "{label}");
            }
        }
    }

    #[test]
    fn the_page_asked_for_is_kept_through_sign_in() {
        let uri: Uri = "/caisse?page=2&q=a%20b".parse().unwrap();
        assert_eq!(
            sign_in_path(&Method::GET, &uri, Some("old")),
            "/connexion?next=/caisse%3Fpage%3D2%26q%3Da%2520b&motif=fin"
        );
        assert_eq!(sign_in_path(&Method::POST, &uri, None), "/connexion?next=/");
        assert_eq!(without_language(&"/a?lang=en&b=1".parse().unwrap()), "/a?b=1");
    }
}
