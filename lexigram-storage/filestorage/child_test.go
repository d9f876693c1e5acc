package filestorage

func child() bool { return false }
