//! A holder who was asked by a link: he comes, agrees, and his bank is asked about him.

use connectors::CodeUse;
use db::jobs::Job;
use db::{DbError, Route, Tx};
use kernel::{AuthenticationLinkId, Scope};
use serde::Deserialize;
use web::Next;

use super::handlers::{payload, text};
use super::{AttemptError, CardOffer, CardPageError, Engine};
use crate::authentication_links::{Agreement, AuthenticationLink, ops, store};
use crate::payment::page_state::{self, PageState};
use crate::payment::{Payment, Source, store as payments};

#[derive(Debug, Deserialize)]
struct OfLink {
    link: AuthenticationLinkId,
}

impl Engine {
    /// Tries the card of a link, whose holder agreed: what he agreed to is written with the first
    /// request. Repeating it, from a double click or two tabs, or a press after the link has ended,
    /// gives the payment as it then stands and sends nothing.
    ///
    /// # Errors
    /// [`CardPageError`]: the vault has the card no more or is away, or the attempt could not be
    /// stored; nothing was sent.
    pub async fn authenticate(
        &self,
        scope: &Scope,
        link: &AuthenticationLink,
        agreed: Agreement,
    ) -> Result<Payment, CardPageError> {
        let offer = self.card(scope, link.shop, link.card).await?;
        let offer = CardOffer {
            source: Source::Page,
            // He gives his proof instead; a code that the vault holds stays for later.
            code: CodeUse::WithoutCode,
            from: agreed.from.parse().ok(),
            ..offer
        };
        let (engine, owned, link) = (self.clone(), scope.clone(), link.clone());
        let (payment, route) = (link.payment, Route::of(link.payment.id()));
        let begin = move |tx: &mut Tx<'_>| {
            let found = payments::find(tx, &owned, link.payment)?.ok_or(AttemptError::NotFound)?;
            let now = engine.ctx.now(link.shop);
            let asked = matches!(page_state::of(&found, now), PageState::Pay | PageState::Refused);
            let open = asked && link.is_open(now);
            // A later link may have ended this one since the page was read.
            if !open || !store::agreed(tx, &owned, (link.id, &agreed))? {
                return Err(AttemptError::NotNow(Box::new(found)));
            }
            engine.begin_attempt(tx, &owned, link.payment, &offer)
        };
        let begun = self.ctx.db.write(route, begin).await;
        match self.proceed(scope, payment, begun).await {
            Ok(payment) => Ok(payment),
            Err(AttemptError::NotNow(payment)) => Ok(*payment),
            Err(AttemptError::Subject(_)) => Ok(self.payment(scope, payment).await?),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn remind_holder(&self, house: &Scope, job: &Job) -> Result<Next, String> {
        let id = payload::<OfLink>(job)?.link;
        let (engine, owned) = (self.clone(), house.clone());
        let remind = move |tx: &mut Tx<'_>| ops::remind(tx, &engine, &owned, id);
        self.ctx.db.write::<_, DbError, _>(Route::any(), remind).await.map_err(text)?;
        Ok(Next::Done)
    }
}
