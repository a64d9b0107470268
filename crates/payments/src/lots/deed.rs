//! An action of the cash desk, done to several payments.

use db::{DbError, Route, Tx};
use http::Words;
use identity::lots::{About, Asker, Chosen, Deed, Halt, Label, Outcome, Stand, Turn};
use kernel::{Id, Money, PaymentId, Right, Scope};
use web::worker::Work;

use super::{send, store};
use crate::desk::action::most;
use crate::desk::filter::PATH;
use crate::desk::offers::right_of;
use crate::engine::desk::{Ask, DeskError, Planned, What};
use crate::engine::{Dispatch, Engine};
use crate::grace;
use crate::payment::rules::{self, Action};
use crate::payment::save::SaveError;
use crate::payment::{Payment, Source, store as payments};

/// It is not done to many at once.
const ONE_BY_ONE: &str = "one_by_one";
/// An action waits on it that can still be taken back.
const WAITING: &str = "waiting";

/// One of the actions of the cash desk, on several payments.
#[derive(Debug, Clone)]
pub struct Several {
    engine: Engine,
    action: Action,
}

impl Several {
    /// This action.
    #[must_use]
    pub fn new(engine: &Engine, action: Action) -> Self {
        Self { engine: engine.clone(), action }
    }

    fn chosen(&self, tx: &mut Tx<'_>, asker: &Asker, id: Id) -> Result<Option<Chosen>, DbError> {
        let found = payments::find(tx, &asker.scope, PaymentId::from(id))?;
        let Some(payment) = found else { return Ok(None) };
        let payer = &payment.payer;
        let label = Label {
            reference: payment.order_ref.clone(),
            name: format!("{} {}", payer.first_name, payer.last_name).trim().to_owned(),
            detail: String::new(),
        };
        let why = self.why_not(tx, asker, &payment)?;
        Ok(Some(Chosen {
            thing: id,
            label,
            amount: most(&payment, self.action),
            version: payment.version,
            why: why.map(|why| self.about().why(&asker.words, why)),
        }))
    }

    fn why_not(
        &self,
        tx: &mut Tx<'_>,
        asker: &Asker,
        payment: &Payment,
    ) -> Result<Option<&'static str>, DbError> {
        if let Err(why) = rules::check(payment, self.action) {
            return Ok(Some(why.as_str()));
        }
        if grace::waiting(tx, &asker.scope, payment.id)?.is_some() {
            return Ok(Some(WAITING));
        }
        let ask = Ask {
            payment: payment.id,
            version: None,
            source: Source::Desk,
            reason: None,
            origin: identity::audit::Origin::default(),
            ceiling: asker.ceiling,
            quiet: false,
        };
        let most = most(payment, self.action);
        let Some(what) = what(self.action, most) else { return Ok(Some(ONE_BY_ONE)) };
        match self.engine.admit(tx, &asker.scope, &ask, &what) {
            Ok(_) => Ok(None),
            Err(error) => match Halt::from(error) {
                Halt::Refused(why) => Ok(Some(why)),
                Halt::Db(error) => Err(error),
                Halt::Stopped => Ok(None),
            },
        }
    }

    /// One commit: the line is done or its operation stored as sent, and it waits no longer.
    fn begin(&self, tx: &mut Tx<'_>, turn: &Turn) -> Result<Option<Box<Dispatch>>, Halt> {
        let (engine, payment) = (&self.engine, PaymentId::from(turn.line.thing));
        if grace::waiting(tx, &turn.scope, payment)?.is_some() {
            return Err(Halt::Refused(WAITING));
        }
        let ask = Ask {
            payment,
            version: Some(turn.line.version),
            source: Source::Desk,
            reason: turn.lot.reason.clone(),
            origin: turn.lot.origin.clone(),
            ceiling: None,
            quiet: false,
        };
        let what = what(self.action, turn.line.amount).ok_or(Halt::Refused(ONE_BY_ONE))?;
        let dispatch = match engine.plan_operation(tx, &turn.scope, &ask, &what)? {
            Planned::Done(_) => None,
            Planned::Go(dispatch) => Some(dispatch),
        };
        let asked = dispatch.as_ref().and_then(|dispatch| dispatch.operation);
        let stand = asked.map_or(Stand::Done, |operation| Stand::Asked(operation.id()));
        turn.leave(tx, &engine.ctx, &stand)?;
        Ok(dispatch)
    }
}

impl Deed for Several {
    fn about(&self) -> About {
        about(self.action)
    }

    fn look(&self, tx: &mut Tx<'_>, asker: &Asker, ids: &[Id]) -> Result<Vec<Chosen>, DbError> {
        let mut all = Vec::new();
        for id in ids {
            all.extend(self.chosen(tx, asker, *id)?);
        }
        Ok(all)
    }

    fn carry_out(&self, turn: Turn) -> Work<Result<(), Halt>> {
        let deed = self.clone();
        Box::pin(async move {
            let (own, line) = (deed.clone(), turn.clone());
            let unit = move |tx: &mut Tx<'_>| own.begin(tx, &line);
            let route = Route::of(turn.line.thing);
            if let Some(dispatch) = deed.engine.ctx.db.write(route, unit).await? {
                send(&deed.engine, &turn, *dispatch).await;
            }
            Ok(())
        })
    }

    fn answer(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        words: &Words,
        made: Id,
    ) -> Result<Outcome, DbError> {
        store::answer(tx, scope, words, made.into())
    }
}

/// What the action on several payments is called, and where it stands.
pub(super) fn about(action: Action) -> About {
    let (name, key, path) = match action {
        Action::Validate => ("payments.validate", "payment-lot-validate", "/caisse/lots/valider"),
        Action::Capture => ("payments.capture", "payment-lot-capture", "/caisse/lots/encaisser"),
        Action::Refund => ("payments.refund", "payment-lot-refund", "/caisse/lots/rembourser"),
        Action::Cancel | Action::Record => {
            ("payments.cancel", "payment-lot-cancel", "/caisse/lots/annuler")
        }
    };
    About {
        name,
        key,
        whys: &["desk-why", "payment-lot-why"],
        path,
        list: PATH,
        things: PATH,
        prefix: PaymentId::PREFIX,
        audit: "payment.lot",
        right: right_of(action),
        view: Right::PaymentsRead,
        export: Right::PaymentsExport,
        ceiling: (action == Action::Refund).then_some(Right::PaymentsRefund),
        typed: true,
        reason: true,
        danger: false,
    }
}

/// What all that is left of a payment comes to under an action; none for what is written down one
/// by one.
const fn what(action: Action, amount: Money) -> Option<What> {
    Some(match action {
        Action::Refund => What::Refund { amount, expected: amount },
        Action::Capture => What::Capture(Some(amount)),
        Action::Cancel => What::Cancel,
        Action::Validate => What::Validate,
        Action::Record => return None,
    })
}

impl From<DeskError> for Halt {
    fn from(error: DeskError) -> Self {
        Self::Refused(match error {
            DeskError::NotFound => "not_found",
            DeskError::NotAllowed { why, .. } => why.as_str(),
            DeskError::VersionConflict(_)
            | DeskError::RefundableChanged(_)
            | DeskError::AboveRefundable(_)
            | DeskError::AboveCapturable(_)
            | DeskError::BadAmount => "changed",
            DeskError::UnsoundRecord(_) | DeskError::RecordedAlready(_) => ONE_BY_ONE,
            DeskError::AboveCeiling(_) => "above_ceiling",
            DeskError::WindowOver => "window_over",
            DeskError::BadReason => "bad_reason",
            DeskError::CapabilityMissing(_) => "capability_missing",
            DeskError::Save(SaveError::Db(error)) => return Self::Db(error),
            DeskError::Save(_) => "not_saved",
        })
    }
}
