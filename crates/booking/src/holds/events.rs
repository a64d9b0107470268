//! What the outside is told of a hold. Its version grows with each change of its end or state.

use db::outbox::{self, NewEvent};
use db::{DbError, Tx};
use kernel::Scope;
use serde_json::json;

use super::model::Hold;
use crate::moment::Moment;

/// Tells of a hold as it stands now.
///
/// # Errors
/// [`DbError`].
pub(super) fn tell(
    tx: &mut Tx,
    scope: &Scope,
    hold: &Hold,
    (kind, moment): (&'static str, Moment),
) -> Result<(), DbError> {
    let event = NewEvent {
        id: moment.event(),
        kind,
        object: hold.id.to_string(),
        shop: hold.shop,
        body: json!({
            "id": hold.id, "object": "hold", "version": hold.version,
            "source": scope.actor().door(), "cart": hold.cart, "expires_at": hold.expires_at,
        }),
    };
    outbox::emit(tx, scope, &event, moment.now)
}
