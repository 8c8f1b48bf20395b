"""Members, where they belong, exemptions and login slips: the list, a member's page, and the forms that change them."""
