"""The process that asks the keychain for an app whose walls keep it from asking itself."""
