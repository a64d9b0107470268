//! One exact set of security headers per kind of page.
//!
//! No inline script or style anywhere; scripts are first-party files with integrity. Browsers
//! apply `form-action` to redirects after a submit, so a page whose form ends at another host
//! names that host (a response carries its own [`Policy`] as an extension).

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;

/// Who may show a page in a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frames {
    /// Nobody.
    None,
    /// One origin (the demo's split screen).
    By(String),
}

impl Frames {
    fn ancestors(&self) -> &str {
        match self {
            Self::None => "'none'",
            Self::By(origin) => origin,
        }
    }
}

/// A kind of page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policy {
    /// Staff pages.
    BackOffice {
        /// Origins allowed after a submit, beside our own: the vault's page of a card.
        forms: Vec<String>,
        /// Who may frame them: nobody but the demo's split screen.
        frames: Frames,
    },
    /// The demo's split screen.
    Stage {
        /// Origins of the pages it shows.
        shows: Vec<String>,
    },
    /// Payer pages of the app; `forms` are the other hosts a submit may lead to.
    Payer {
        /// Origins allowed after a submit, beside our own.
        forms: Vec<String>,
        /// Who may frame it.
        frames: Frames,
    },
    /// Pages of a property that sell; `forms` are the other hosts a submit may lead to.
    Sale {
        /// Origins allowed after a submit, beside our own.
        forms: Vec<String>,
        /// Who may frame it.
        frames: Frames,
    },
    /// The vault's card page.
    VaultCard {
        /// The app's origin, where a submit leads back to.
        app: String,
        /// Who may frame it.
        frames: Frames,
    },
    /// Pages of the vault that ask for a PIN or show a card: no script at all.
    VaultSecret {
        /// Who may frame it.
        frames: Frames,
    },
    /// Pages of the simulated bank.
    Bank {
        /// Origins a decision may lead back to.
        forms: Vec<String>,
        /// Who may frame it.
        frames: Frames,
    },
    /// JSON and files.
    Api,
}

const BACK_OFFICE_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; \
    trusted-types 'none'; report-to csp";
const NO_FEATURES: &str = "accelerometer=(), camera=(), display-capture=(), fullscreen=(), \
    geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), \
    publickey-credentials-get=(), screen-wake-lock=(), usb=(), \
    xr-spatial-tracking=()";
/// Two years, in seconds.
const HSTS_TWO_YEARS: &str = "max-age=63072000; includeSubDomains";
/// A year, in seconds.
const HSTS: &str = "max-age=31536000; includeSubDomains";

impl Policy {
    /// The `Content-Security-Policy` of the page.
    #[must_use]
    pub fn csp(&self) -> String {
        if let Self::VaultSecret { frames } = self {
            let ancestors = frames.ancestors();
            return format!(
                "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                 base-uri 'none'; frame-ancestors {ancestors}"
            );
        }
        let (connect, forms, frames) = match self {
            Self::VaultSecret { frames } => ("", String::new(), frames),
            Self::BackOffice { forms, frames } => {
                let forms: String = forms.iter().map(|origin| format!(" {origin}")).collect();
                let own = "form-action 'self'";
                return BACK_OFFICE_CSP.replace(own, &format!("{own}{forms}")).replace(
                    "frame-ancestors 'none'",
                    &format!("frame-ancestors {}", frames.ancestors()),
                );
            }
            Self::Stage { shows } => {
                return format!("{BACK_OFFICE_CSP}; frame-src {}", shows.join(" "));
            }
            Self::Api => return "default-src 'none'; frame-ancestors 'none'".to_owned(),
            Self::Payer { forms, frames } | Self::Sale { forms, frames } => {
                (" connect-src 'self';", forms.join(" "), frames)
            }
            Self::VaultCard { app, frames } => ("", app.clone(), frames),
            Self::Bank { forms, frames } => ("", forms.join(" "), frames),
        };
        let forms = if forms.is_empty() { forms } else { format!(" {forms}") };
        let ancestors = frames.ancestors();
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
             font-src 'self';{connect} form-action 'self'{forms}; frame-ancestors {ancestors}; \
             base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'; \
             report-to csp"
        )
    }

    fn is_token_page(&self) -> bool {
        matches!(
            self,
            Self::Payer { .. }
                | Self::Sale { .. }
                | Self::VaultCard { .. }
                | Self::VaultSecret { .. }
                | Self::Bank { .. }
        )
    }

    fn features(&self) -> String {
        match self {
            Self::Payer { .. } => NO_FEATURES.replace("payment=()", "payment=(self)"),
            _ => NO_FEATURES.to_owned(),
        }
    }

    fn write(&self, response: &mut Response) {
        let staff = matches!(self, Self::BackOffice { .. } | Self::Stage { .. });
        let referrer = if staff { "same-origin" } else { "no-referrer" };
        let mut set = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(name, value);
            }
        };
        set("content-security-policy", &self.csp());
        set("reporting-endpoints", "csp=\"/csp-reports\"");
        let secret = matches!(self, Self::VaultSecret { .. });
        set("strict-transport-security", if secret { HSTS_TWO_YEARS } else { HSTS });
        if *self == (Self::VaultSecret { frames: Frames::None }) {
            set("x-frame-options", "DENY");
        }
        set("x-content-type-options", "nosniff");
        set("cross-origin-opener-policy", "same-origin");
        set("cross-origin-resource-policy", "same-origin");
        set("permissions-policy", &self.features());
        set("referrer-policy", referrer);
        if self.is_token_page() {
            set("x-robots-tag", "noindex");
        }
        if !response.headers().contains_key(header::CACHE_CONTROL) {
            let no_store = HeaderValue::from_static("no-store");
            response.headers_mut().insert(header::CACHE_CONTROL, no_store);
        }
    }
}

/// Puts the headers of `policy` on every answer of the routes; an answer that carries a
/// [`Policy`] of its own gets that instead.
pub fn secure<S: Clone + Send + Sync + 'static>(routes: Router<S>, policy: Policy) -> Router<S> {
    routes.layer(middleware::from_fn(move |request: Request, next: Next| {
        let policy = policy.clone();
        async move {
            let mut response = next.run(request).await;
            let own = response.extensions_mut().remove::<Policy>();
            own.unwrap_or(policy).write(&mut response);
            response
        }
    }))
}

/// Gives an answer its own policy.
#[must_use]
pub fn with_policy(mut response: Response, policy: Policy) -> Response {
    response.extensions_mut().insert(policy);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u_96_only_the_demo_frames_staff_pages_and_only_by_itself() {
        let none = "frame-ancestors 'none'";
        let desk = |frames| Policy::BackOffice { forms: Vec::new(), frames }.csp();
        assert!(desk(Frames::None).contains(none));
        let framed = desk(Frames::By("http://127.0.0.1:7700".into()));
        assert!(framed.contains("frame-ancestors http://127.0.0.1:7700;"));
        assert!(!framed.contains(none));
        let stage = Policy::Stage { shows: vec!["http://127.0.0.2:7701".into()] }.csp();
        assert!(stage.contains(none) && stage.ends_with("; frame-src http://127.0.0.2:7701"));
    }

    #[test]
    fn u_73_forms_name_the_hosts_they_may_end_at() {
        let policy = Policy::Payer {
            forms: vec!["http://127.0.0.2:7701".into(), "http://127.0.0.3:7702".into()],
            frames: Frames::None,
        };
        let csp = policy.csp();
        let forms = "form-action 'self' http://127.0.0.2:7701 http://127.0.0.3:7702;";
        assert!(csp.contains(forms) && csp.contains("frame-ancestors 'none'"));
        assert!(!csp.contains("unsafe"));
        let forms = vec!["https://coffre.example".into()];
        let staff = Policy::BackOffice { forms, frames: Frames::None }.csp();
        assert!(staff.contains("form-action 'self' https://coffre.example;"), "{staff}");
        let secret = Policy::VaultSecret { frames: Frames::By("https://pms.example".into()) }.csp();
        assert!(secret.ends_with("frame-ancestors https://pms.example"), "{secret}");
        assert!(!secret.contains("script"), "no script at all where a number is shown");
        let card =
            Policy::VaultCard { app: "https://a.example".into(), frames: Frames::None }.csp();
        assert!(!card.contains("connect-src") && card.contains("form-action 'self' https://a"));
    }
}
