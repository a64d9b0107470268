//! SQL of a property's own data.

use db::{DbError, Tx, params};
use kernel::Scope;

use super::ops::Property;

/// Changes name, phone and address of the scope's merchant.
pub(super) fn set_property(
    tx: &mut Tx<'_>,
    scope: &Scope,
    property: &Property,
) -> Result<(), DbError> {
    tx.exec(
        "UPDATE merchant SET name = $1, phone = $2, address = $3 WHERE merchant_id = $4",
        &params![
            property.name.clone(),
            property.phone.clone(),
            property.address.clone(),
            scope.merchant(),
        ],
    )?;
    Ok(())
}
