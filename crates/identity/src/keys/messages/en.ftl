key-list = Keys of programs
key-none = No key: a program that sells or charges for you will ask for one.
key-name = Name
key-name-hint = For example: hotel software
key-shop = Shop
key-rights = Rights
key-rights-hint = A key never has a right that you lack
key-rights-all = All my rights
key-rights-of = Like the role { $role }
key-rights-count = { $n ->
    [one] { $n } right
   *[other] { $n } rights
}
key-networks = Allowed addresses
key-networks-hint = One address or network per line, for example 192.0.2.10 or 192.0.2.0/24
key-used = Last call
key-never-used = Never
key-state = State
key-open = Open
key-open-until = Open until { $at }
key-ended = Closed { $at }
key-new = New key
key-create = Create the key
key-rotate = Renew
key-revoke = Revoke
key-back = All keys
key-issued-title = Your new key
key-issued = Copy this key now: it is shown only once and kept nowhere in clear.
key-revoke-title = Revoke the key { $name }
key-revoke-what = Programs that use it will be refused from their next call on.
key-name-wrong = Give the key a name
key-networks-wrong = Enter one address or network per line, 32 at most, for example 192.0.2.10
key-rights-wrong = Choose rights that you hold yourself
key-shop-wrong = Choose a shop of the list
key-reference = API reference: calls, examples, trying out
