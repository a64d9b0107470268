//! A browser without a window: asks for pages, follows where they lead, sends their forms.

use std::time::Duration;

use axum::http::header::{self, HeaderName};
use http::client::{Answer, Call};

use super::forms::{self, Form};

/// Longest wait for a page: longer than the bank's time-out.
const WAIT: Duration = Duration::from_secs(20);
/// A page of its own, not something within one.
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
/// Most redirects followed for one page.
const MAX_REDIRECTS: usize = 12;

/// Why a step could not be done.
#[derive(Debug, thiserror::Error)]
pub(super) enum WalkError {
    /// No page came.
    #[error("{0}: {1}")]
    NoPage(String, http::client::ClientError),
    /// A page says no.
    #[error("{0} answered {1}")]
    Refused(String, u16),
    /// The page is not the one expected.
    #[error("no form for {0} on {1}")]
    NoForm(&'static str, String),
    /// The database.
    #[error(transparent)]
    Db(#[from] db::DbError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] vault_wire::WireError),
}

/// A page with its address.
#[derive(Debug, Clone)]
pub(super) struct Page {
    /// Origin, path and query.
    pub(super) url: String,
    /// What it says.
    pub(super) text: String,
}

impl Page {
    /// The form whose action holds `part`.
    pub(super) fn form(&self, part: &'static str) -> Result<Form, WalkError> {
        let found = forms::forms(&self.text).into_iter().find(|form| form.action.contains(part));
        found.ok_or_else(|| WalkError::NoForm(part, self.url.clone()))
    }

    /// The path of its address begins so, at this origin.
    pub(super) fn is_at(&self, origin: &str, prefix: &str) -> bool {
        self.url.strip_prefix(origin).is_some_and(|path| path.starts_with(prefix))
    }
}

/// Whose cookie the pages get; nobody's when empty.
#[derive(Debug, Clone, Default)]
pub(super) struct Walker {
    /// `name=value` of the staff's session; sent to the app alone.
    pub(super) cookie: String,
    /// Origin of the app.
    pub(super) app: String,
}

impl Walker {
    /// Opens a page and follows where it leads.
    pub(super) async fn open(&self, url: &str) -> Result<Page, WalkError> {
        let (origin, path) = split(url);
        let call = Call::get(origin, path, WAIT);
        let answer = self.send(url, call).await?;
        self.follow(url.to_owned(), answer).await
    }

    /// Sends a form of a page and follows where it leads.
    pub(super) async fn submit(&self, page: &Page, form: &Form) -> Result<Page, WalkError> {
        let url = absolute(&page.url, &form.action);
        if form.is_query {
            let joint = if url.contains('?') { '&' } else { '?' };
            return self.open(&format!("{url}{joint}{}", form.encoded())).await;
        }
        let (origin, path) = split(&url);
        let call = Call::post_form(origin, path, form.encoded(), WAIT);
        let answer = self.send(&url, call).await?;
        self.follow(url, answer).await
    }

    /// Where a form of a page leads, without going there.
    pub(super) async fn leads_to(&self, page: &Page, form: &Form) -> Result<String, WalkError> {
        let url = absolute(&page.url, &form.action);
        let (origin, path) = split(&url);
        let answer = self.send(&url, Call::post_form(origin, path, form.encoded(), WAIT)).await?;
        if answer.location.is_empty() {
            return Err(WalkError::Refused(plain(&url), answer.status));
        }
        Ok(absolute(&url, &answer.location))
    }

    async fn send(&self, url: &str, call: Call) -> Result<Answer, WalkError> {
        let call = call.with(SEC_FETCH_DEST, "document");
        let signed = !self.cookie.is_empty() && call.origin == self.app;
        let call = if signed { call.with(header::COOKIE, &self.cookie) } else { call };
        call.send().await.map_err(|error| WalkError::NoPage(plain(url), error))
    }

    async fn follow(&self, mut url: String, mut answer: Answer) -> Result<Page, WalkError> {
        for _ in 0..MAX_REDIRECTS {
            if !(300..400).contains(&answer.status) {
                break;
            }
            url = absolute(&url, &answer.location);
            let (origin, path) = split(&url);
            answer = self.send(&url, Call::get(origin, path, WAIT)).await?;
        }
        if answer.status >= 500 || answer.status == 404 {
            return Err(WalkError::Refused(plain(&url), answer.status));
        }
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        Ok(Page { url, text })
    }
}

/// The address without its query, for messages.
fn plain(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}

fn split(url: &str) -> (String, String) {
    let after_scheme = url.find("://").map_or(0, |at| at.saturating_add(3));
    let slash = url.get(after_scheme..).and_then(|rest| rest.find('/'));
    let at = slash.map_or(url.len(), |slash| after_scheme.saturating_add(slash));
    let (origin, path) = url.split_at(at);
    (origin.to_owned(), if path.is_empty() { "/".to_owned() } else { path.to_owned() })
}

fn absolute(base: &str, link: &str) -> String {
    if link.starts_with("http://") {
        return link.to_owned();
    }
    let (origin, path) = split(base);
    match link {
        "" => base.to_owned(),
        link if link.starts_with('/') => format!("{origin}{link}"),
        link => {
            let folder = plain(&path);
            let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{origin}{folder}/{link}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_followed_as_browsers_do() {
        assert_eq!(split("http://a:1"), ("http://a:1".into(), "/".into()));
        assert_eq!(absolute("http://a:1/b/c?d", "/e?f"), "http://a:1/e?f");
        assert_eq!(absolute("http://a:1/b/c?d", "http://z:2/"), "http://z:2/");
        assert_eq!(absolute("http://a:1/b/c?d", "e"), "http://a:1/b/e");
    }
}
