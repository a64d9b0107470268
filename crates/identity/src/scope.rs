//! The one place where a [`Scope`] is made, each time from something that was checked.

use kernel::{Actor, ApiKeyId, MerchantId, Mode, Right, Scope, UserId};

/// Scope of the house itself: jobs, sweepers, installation and the demo's data.
#[must_use]
pub fn for_house(merchant: MerchantId, mode: Mode) -> Scope {
    Scope::granted_by_identity(merchant, mode, Actor::Clock, Right::ALL.to_vec())
}

/// Scope of the person who holds the token of a public page: he acts on that one object and has
/// no rights beyond it.
pub(crate) fn for_payer(merchant: MerchantId, mode: Mode) -> Scope {
    Scope::granted_by_identity(merchant, mode, Actor::Payer, Vec::new())
}

/// Scope of a member of staff behind a checked session.
pub(crate) fn for_staff(
    merchant: MerchantId,
    mode: Mode,
    user: UserId,
    rights: Vec<Right>,
) -> Scope {
    Scope::granted_by_identity(merchant, mode, Actor::User(user), rights)
}

/// Scope of a member of staff whose rights were checked when he asked for something that is done
/// a little later.
#[must_use]
pub fn for_promise(merchant: MerchantId, mode: Mode, user: UserId, rights: Vec<Right>) -> Scope {
    for_staff(merchant, mode, user, rights)
}

/// Scope of a program behind a checked key.
pub(crate) fn for_key(
    merchant: MerchantId,
    mode: Mode,
    key: ApiKeyId,
    rights: Vec<Right>,
) -> Scope {
    Scope::granted_by_identity(merchant, mode, Actor::ApiKey(key), rights)
}
