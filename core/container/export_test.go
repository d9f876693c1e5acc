package container

// Children returns how many children c would close.
func (c *Container) Children() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.children)
}
